#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "common/result.h"
#include "common/unique_fd.h"
#include "scaler/local/cloud/state.h"

namespace scaler::local::cloud {

/// The state directory: its lock, and the state in cloud.json.
class Store {
 public:
  /// Makes the directory. resource_unavailable_try_again where another program has it.
  [[nodiscard]] static common::Result<Store> Open(std::filesystem::path directory);

  /// The state of the last run, or a fresh one. A machine that has been booted since has none of
  /// the nodes any more. bad_message where the file is no state.
  [[nodiscard]] common::Result<State> Load(const std::string& boot_id) const;

  /// Survives the end of the program; nodes do not survive the end of the machine.
  [[nodiscard]] common::Result<void> Save(const State& state) const;

  [[nodiscard]] const std::filesystem::path& Directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path NodeDirectory(const std::string& node) const {
    return directory_ / "nodes" / node;
  }

 private:
  Store(std::filesystem::path directory, common::UniqueFd lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::filesystem::path directory_;
  common::UniqueFd lock_;
};

}  // namespace scaler::local::cloud

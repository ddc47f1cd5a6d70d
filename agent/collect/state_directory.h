#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "agent/collect/state_file.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::collect {

/// The directory in which one running agent keeps what must survive a restart.
///
/// Without a directory nothing is kept: counters and epochs begin with the process. The lock on
/// it lives as long as this object, so that two agents never write the same files.
class StateDirectory {
 public:
  /// Makes the directory where there is none, and begins a new epoch in it. Damaged state is
  /// reported and begun anew, and so is a full disk. Fails where the directory cannot be written
  /// for another reason, or another agent uses it.
  [[nodiscard]] static common::Result<std::unique_ptr<StateDirectory>> Open(
      std::optional<std::filesystem::path> path, common::WallTime now);
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;
  ~StateDirectory();

  [[nodiscard]] std::uint64_t Epoch() const { return state_.epoch; }

  /// As of the last run.
  [[nodiscard]] const OomKills& EarlierOomKills() const { return state_.oom_kills; }

  [[nodiscard]] common::Result<void> SaveOomKills(const OomKills& kills) const;

  /// Where the counts of this node's pods belong; empty without a directory.
  [[nodiscard]] std::filesystem::path Pods() const;

  /// Where the access log's checkpoint belongs; empty without a directory.
  [[nodiscard]] std::filesystem::path Checkpoint() const;

 private:
  explicit StateDirectory(std::optional<std::filesystem::path> path) : path_(std::move(path)) {}

  common::Result<void> Lock();
  common::Result<void> Begin(common::WallTime now);
  [[nodiscard]] std::filesystem::path File() const { return *path_ / "agent.json"; }

  std::optional<std::filesystem::path> path_;
  int lock_ = -1;
  AgentState state_;
};

}  // namespace agent::collect

#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/result.h"

namespace scaler::loop {

/// Why nothing may be written, and since when.
struct Freeze {
  std::string reason;
  common::WallTime since;

  friend bool operator==(const Freeze&, const Freeze&) = default;
};

/// The global stop switch: while it is on, the scaler decides and explains but writes nothing to
/// any platform. Kept in a file, so that a restart does not thaw it. Thread-safe.
class FreezeSwitch {
 public:
  /// Reads the file. One that cannot be understood counts as on: who wrote it meant to stop us.
  explicit FreezeSwitch(std::filesystem::path file);

  [[nodiscard]] std::optional<Freeze> Get() const;

  /// Turns it on, durably before it returns; another reason replaces the one before.
  [[nodiscard]] common::Result<void> Set(const Freeze& freeze);

  /// Turns it off. No error where it was off.
  [[nodiscard]] common::Result<void> Clear();

 private:
  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::optional<Freeze> freeze_;
};

}  // namespace scaler::loop

#pragma once

#include <filesystem>
#include <optional>

#include "common/result.h"
#include "common/unique_fd.h"

namespace agent::requests {

/// Tells, through one descriptor, that a log directory or an open log has changed (inotify).
///
/// Only a hint when to look: events may be lost in an overflow, or never come (network file
/// systems), so what has changed is always found out from the files themselves.
class ChangeNotifier {
 public:
  [[nodiscard]] static common::Result<ChangeNotifier> Make();

  [[nodiscard]] int Descriptor() const { return fd_.Get(); }

  /// Watches for files that come, go or change names. Again if need be: does nothing while the
  /// watch lives, and tries anew after the directory has been replaced.
  void WatchDirectory(const std::filesystem::path& directory);

  /// Watches the content of an open file, whatever its name becomes. Ends when the file is gone.
  std::optional<int> WatchFile(int fd);

  void Unwatch(int watch);

  /// Takes all events that are waiting, so that the descriptor is no longer readable.
  void Drain();

 private:
  explicit ChangeNotifier(common::UniqueFd fd) : fd_(std::move(fd)) {}

  common::UniqueFd fd_;
  std::optional<int> directory_watch_;
};

}  // namespace agent::requests

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "common/unique_fd.h"

namespace cluster {

/// A process beside ours that does nothing but wait for our end. If we end without saying good-bye,
/// also by SIGKILL, it kills every process that names the directory on its command line and removes
/// the directory.
class Janitor {
 public:
  /// Make it while there is one thread, and before anything is started in `directory`.
  explicit Janitor(const std::filesystem::path& directory);
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;
  /// Says good-bye: nothing is left to be cleaned up.
  ~Janitor();

 private:
  pid_t pid_ = 0;
  common::UniqueFd life_;  ///< That it closes is how the other learns of our end.
};

/// The same work, done at once: SIGKILL to all that name the directory, and away with it.
void CleanUp(const std::filesystem::path& directory);

}  // namespace cluster

#pragma once

#include <filesystem>
#include <string>

namespace scaler::policy {

/// Notices that the policy files of a directory are not what they were.
///
/// A poll instead of inotify: it sees a file that is replaced by renaming (editors), the swap of
/// the ..data link of a mounted ConfigMap, a directory that is taken away and comes back, and
/// network file systems, all in the same way; and it cannot lose an event.
class DirectoryWatch {
 public:
  /// Takes what there is now as known. Make it before the first reading of the directory, so that
  /// a change between the two is noticed.
  explicit DirectoryWatch(std::filesystem::path directory);

  /// Whether to read the directory again. Call it about once a second; costs a stat for each file.
  ///
  /// True once for each change, on the first call that finds the files as the call before found
  /// them: whoever writes a file in place is not done when it first looks different.
  [[nodiscard]] bool Changed();

 private:
  std::filesystem::path directory_;
  std::string known_;
  std::string seen_;
};

}  // namespace scaler::policy

#include "scaler/policy/directory_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "scaler/policy/directory.h"

namespace scaler::policy {
namespace {

/// What of a file differs when its content does. The time of the last change of the inode cannot
/// be set back, unlike that of the content.
std::string FileSignature(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fmt::format("{} unreadable\n", path.string());
  }
  return fmt::format("{} {} {} {} {}.{} {}.{}\n", path.string(), status.st_dev, status.st_ino,
                     status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                     status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

std::string Signature(const std::filesystem::path& directory) {
  const auto paths = ListPolicyFiles(directory);
  if (!paths) {
    return paths.error().what;
  }
  std::string signature;
  for (const auto& path : *paths) {
    signature += FileSignature(path);
  }
  return signature;
}

}  // namespace

DirectoryWatch::DirectoryWatch(std::filesystem::path directory)
    : directory_(std::move(directory)), known_(Signature(directory_)), seen_(known_) {}

bool DirectoryWatch::Changed() {
  auto now = Signature(directory_);
  const bool settled = now == seen_;
  seen_ = std::move(now);
  if (!settled || seen_ == known_) {
    return false;
  }
  known_ = seen_;
  return true;
}

}  // namespace scaler::policy

#include "agent/requests/change_notifier.h"

#include <sys/inotify.h>

#include <array>
#include <cstring>
#include <string>

namespace agent::requests {
namespace {

/// A bound on one Drain; what is left makes the descriptor readable again.
constexpr int kMaxReads = 64;

}  // namespace

common::Result<ChangeNotifier> ChangeNotifier::Make() {
  common::UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd) {
    return common::FailErrno(
        "cannot watch files (if there are too many, raise fs.inotify.max_user_instances)");
  }
  return ChangeNotifier(std::move(fd));
}

void ChangeNotifier::WatchDirectory(const std::filesystem::path& directory) {
  if (directory_watch_) {
    return;
  }
  const int watch = ::inotify_add_watch(fd_.Get(), directory.c_str(),
                                        IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
                                            IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
  if (watch >= 0) {
    directory_watch_ = watch;
  }
}

std::optional<int> ChangeNotifier::WatchFile(int fd) {
  // By descriptor, because the name may stand for another file by now.
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const int watch = ::inotify_add_watch(fd_.Get(), link.c_str(), IN_MODIFY);
  return watch < 0 ? std::nullopt : std::optional<int>(watch);
}

void ChangeNotifier::Unwatch(int watch) { ::inotify_rm_watch(fd_.Get(), watch); }

void ChangeNotifier::Drain() {
  alignas(inotify_event) std::array<char, 16UL << 10U> buffer;
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const auto count = ::read(fd_.Get(), buffer.data(), buffer.size());
    if (count <= 0) {
      return;
    }
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(count);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      at += sizeof(event) + event.len;
      const bool gone = (event.mask & (IN_IGNORED | IN_MOVE_SELF | IN_DELETE_SELF)) != 0;
      if (gone && directory_watch_ == event.wd) {
        if ((event.mask & IN_MOVE_SELF) != 0) {
          Unwatch(event.wd);
        }
        directory_watch_.reset();
      }
    }
  }
}

}  // namespace agent::requests

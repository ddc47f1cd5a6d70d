#include "agent/collect/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/log.h"

namespace agent::collect {

using common::Result;

Result<std::unique_ptr<StateDirectory>> StateDirectory::Open(
    std::optional<std::filesystem::path> path, common::WallTime now) {
  std::unique_ptr<StateDirectory> directory(new StateDirectory(std::move(path)));
  if (!directory->path_) {
    directory->state_.epoch = NextEpoch(0, now);
    return directory;
  }
  return directory->Lock().and_then([&] { return directory->Begin(now); }).map([&] {
    return std::move(directory);
  });
}

StateDirectory::~StateDirectory() {
  if (lock_ >= 0) {
    ::close(lock_);
  }
}

Result<void> StateDirectory::Lock() {
  std::error_code problem;
  std::filesystem::create_directories(*path_, problem);
  if (problem) {
    return common::FailErrno("cannot make the state directory " + path_->string(), problem.value());
  }
  const auto file = *path_ / "agent.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    return common::FailErrno("cannot write to the state directory: " + file.string());
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK
               ? common::Fail(std::errc::device_or_resource_busy,
                              "another trimtab-agent uses the state directory " + path_->string() +
                                  "; stop it, or choose another with --state")
               : common::FailErrno(file.string());
  }
  return {};
}

Result<void> StateDirectory::Begin(common::WallTime now) {
  auto loaded = LoadState(File());
  if (loaded) {
    state_ = std::move(*loaded);
  } else if (loaded.error().code == std::errc::bad_message) {
    common::log::Warning("the agent's state is of no use and begins anew",
                         {{"reason", loaded.error().what}});
  } else {
    return tl::make_unexpected(loaded.error());
  }
  state_.epoch = NextEpoch(state_.epoch, now);
  auto saved = SaveState(File(), state_);
  if (!saved && saved.error().code == std::errc::no_space_on_device) {
    // Who watches a machine is needed most when its disk is full. The next epoch is later than this
    // one by the clock alone then.
    common::log::Error("the disk is full: the agent goes on with the state as it was last saved",
                       {{"reason", saved.error().what}});
    return {};
  }
  return saved;
}

Result<void> StateDirectory::SaveOomKills(const OomKills& kills) const {
  return path_ ? SaveState(File(), {.epoch = state_.epoch, .oom_kills = kills}) : Result<void>();
}

std::filesystem::path StateDirectory::Pods() const {
  return path_ ? *path_ / "pods.json" : std::filesystem::path();
}

std::filesystem::path StateDirectory::Checkpoint() const {
  return path_ ? *path_ / "access-log.checkpoint" : std::filesystem::path();
}

}  // namespace agent::collect

#include "scaler/local/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include "scaler/local/shim.h"

namespace scaler::local {
namespace {

using common::FailErrno;
using common::Result;

/// posix_spawn's two lists, freed together.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void SetDescriptors(const std::string& log, int lock) {
    // The lock first: it may itself be one of the numbers that follow.
    ::posix_spawn_file_actions_adddup2(&actions_, lock, kLockDescriptor);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_APPEND | O_CREAT, 0640);
    ::posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    // Libraries open sockets that an exec would hand on.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kLockDescriptor + 1);
  }

  void SetSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    // Blocked from birth: a wish to end that comes before the shim is ready must wait, not kill.
    sigset_t awaited;
    ::sigemptyset(&awaited);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1}) {
      ::sigaddset(&awaited, number);
    }
    ::posix_spawnattr_setsigmask(&attributes_, &awaited);
    ::posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  }

  [[nodiscard]] Result<pid_t> Run(std::string program, std::string argument) const {
    std::array<char*, 3> arguments = {program.data(), argument.data(), nullptr};
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(), environ);
    if (error != 0) {
      return FailErrno("cannot start " + program, error);
    }
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<common::UniqueFd> Lock(const std::filesystem::path& file) {
  common::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ::flock(fd.Get(), LOCK_EX | LOCK_NB) != 0) {
    return FailErrno(file.string());
  }
  return fd;
}

Result<pid_t> SpawnShim(const std::filesystem::path& shim, const std::filesystem::path& launch,
                        const std::filesystem::path& log, int lock) {
  SpawnPlan plan;
  plan.SetDescriptors(log.string(), lock);
  plan.SetSignals();
  return plan.Run(shim.string(), launch.string());
}

Result<common::UniqueFd> OpenProcess(pid_t pid) {
  common::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) {
    return FailErrno("process " + std::to_string(pid));
  }
  return fd;
}

}  // namespace scaler::local

#include "scaler/local/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace scaler::local {
namespace {

using common::FailErrno;
using common::Result;

/// What a replica gets of the scaler's own environment; the rest may hold the scaler's secrets.
constexpr std::array<const char*, 6> kInherited = {"PATH",   "HOME", "LANG",
                                                   "LC_ALL", "TZ",   "TMPDIR"};

// From here to execvpe this process is a fork with one thread.
// NOLINTBEGIN(concurrency-mt-unsafe)

std::vector<std::string> Environment(const Launch& launch) {
  std::vector<std::string> environment;
  for (const char* const name : kInherited) {
    if (const char* const value = std::getenv(name);
        value != nullptr && !launch.env.contains(name)) {
      environment.push_back(fmt::format("{}={}", name, value));
    }
  }
  for (const auto& [name, value] : launch.env) {
    environment.push_back(name + "=" + value);
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void Die(const std::string& what, int exit_code) {
  const std::string line = what + "\n";
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(exit_code);
}

void OpenSignals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGHUP, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void Become(const Launch& launch, const Cgroups* cgroups, int output, pid_t parent) {
  ::setpgid(0, 0);
  // A replica without its shim would be one that nobody watches.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(126);
  }
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (cgroups != nullptr) {
    if (const auto joined = cgroups->Join(launch.cgroup); !joined) {
      Die("cannot join the cgroup: " + joined.error().what, 126);
    }
  }
  OpenSignals();
  auto command = launch.command;
  auto environment = Environment(launch);
  // execvpe looks the command up in the PATH of the caller, not in that of `environment`.
  if (const auto path = launch.env.find("PATH"); path != launch.env.end()) {
    ::setenv("PATH", path->second.c_str(), 1);
  }
  const auto arguments = Pointers(command);
  ::execvpe(arguments[0], arguments.data(), Pointers(environment).data());
  const int error = errno;
  Die("cannot execute " + command[0] + ": " + std::strerror(error), error == ENOENT ? 127 : 126);
}

// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

Result<Child> StartChild(const Launch& launch, const Cgroups* cgroups) {
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    return FailErrno("pipe");
  }
  // Only our end: the replica's printing must not fail because nobody has read yet.
  ::fcntl(output[0], F_SETFL, O_NONBLOCK);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    Become(launch, cgroups, output[1], parent);
  }
  const int error = errno;
  ::close(output[1]);
  if (pid < 0) {
    ::close(output[0]);
    return FailErrno("fork", error);
  }
  // In both processes, so that it holds whoever runs first.
  ::setpgid(pid, pid);
  return Child{.pid = pid, .output = output[0]};
}

}  // namespace scaler::local

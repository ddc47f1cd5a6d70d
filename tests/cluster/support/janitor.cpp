#include "tests/cluster/support/janitor.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "common/text.h"

namespace cluster {
namespace {

namespace fs = std::filesystem;

bool IsNamedBy(const fs::path& process, const std::string& directory) {
  std::ifstream file(process / "cmdline");
  const std::string words{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return words.find(directory) != std::string::npos;
}

/// How many were told to end.
int KillAll(const std::string& directory) {
  int killed = 0;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = common::ParseUnsigned(entry->path().filename().string());
    if (pid && static_cast<pid_t>(*pid) != ::getpid() && IsNamedBy(entry->path(), directory)) {
      ::kill(static_cast<pid_t>(*pid), SIGKILL);
      ++killed;
    }
  }
  return killed;
}

[[noreturn]] void Wait(int life, const fs::path& directory) {
  ::setsid();
  ::prctl(PR_SET_NAME, "test-janitor");
  char good_bye = 0;
  if (::read(life, &good_bye, 1) == 0) {
    CleanUp(directory);
  }
  ::_exit(0);
}

}  // namespace

void CleanUp(const fs::path& directory) {
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds && KillAll(directory.string()) > 0; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

Janitor::Janitor(const fs::path& directory) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  common::UniqueFd read_end(ends[0]);
  life_ = common::UniqueFd(ends[1]);
  pid_ = ::fork();
  if (pid_ == 0) {
    life_ = common::UniqueFd();
    Wait(read_end.Get(), directory);
  }
  if (pid_ < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
}

Janitor::~Janitor() {
  const char good_bye = 1;
  if (::write(life_.Get(), &good_bye, 1) == 1) {
    ::waitpid(pid_, nullptr, 0);
  }
}

}  // namespace cluster

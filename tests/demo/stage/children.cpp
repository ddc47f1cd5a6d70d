#include "tests/demo/stage/children.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>
#include <thread>

#include "common/text.h"

namespace demo {
namespace {

namespace fs = std::filesystem;
constexpr auto kPollInterval = std::chrono::milliseconds(10);

std::string Words(int status) {
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("exit code {}", WEXITSTATUS(status));
}

/// What a new process does before it becomes the program. Only calls that are safe after fork.
[[noreturn]] void BecomeProgram(char* const* arguments, int log, pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::getppid() == parent && nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
      ::dup2(log, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0) {
    ::execvp(arguments[0], arguments);
    constexpr std::string_view kWords = "cannot be executed\n";
    const auto ignored = ::write(STDERR_FILENO, kWords.data(), kWords.size());
    static_cast<void>(ignored);
  }
  ::_exit(127);
}

struct ProcessLine {
  std::string name;
  char state = '?';
  pid_t parent = 0;
};

/// "12 (name) S 1 ..."; the name may hold blanks and parentheses.
std::optional<ProcessLine> ReadStat(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 4 > line.size()) {
    return std::nullopt;
  }
  ProcessLine result{line.substr(open + 1, close - open - 1), line[close + 2], 0};
  std::string_view rest = std::string_view(line).substr(close + 4);
  const auto parent = common::ParseUnsigned(common::TakeWord(rest));
  result.parent = static_cast<pid_t>(parent.value_or(0));
  return result;
}

std::map<pid_t, ProcessLine> AllProcesses() {
  std::map<pid_t, ProcessLine> processes;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = common::ParseUnsigned(entry->path().filename().string());
    if (pid) {
      if (auto line = ReadStat(entry->path())) {
        processes.emplace(static_cast<pid_t>(*pid), std::move(*line));
      }
    }
  }
  return processes;
}

bool DescendsFrom(const std::map<pid_t, ProcessLine>& processes, pid_t pid, pid_t ancestor) {
  // A chain of parents may be torn while it is read; it is never longer than the table.
  for (std::size_t steps = 0; steps <= processes.size(); ++steps) {
    const auto found = processes.find(pid);
    if (found == processes.end()) {
      return false;
    }
    pid = found->second.parent;
    if (pid == ancestor) {
      return true;
    }
  }
  return false;
}

}  // namespace

Children::Children() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

Children::~Children() {
  for (const auto& [name, child] : children_) {
    if (!child.ending) {
      ::kill(child.pid, SIGKILL);
      ::waitpid(child.pid, nullptr, 0);
    }
  }
  children_.clear();
  KillStrangers();
}

common::Result<void> Children::Start(const std::string& name,
                                     const std::vector<std::string>& command, const fs::path& log) {
  const int output =
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (output < 0) {
    return common::FailErrno("cannot write " + log.string());
  }
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    BecomeProgram(arguments.data(), output, parent);
  }
  const int error = errno;
  ::close(output);
  if (pid < 0) {
    return common::FailErrno("cannot start " + name, error);
  }
  children_[name] = Child{.pid = pid, .ending = std::nullopt};
  return {};
}

void Children::Reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    for (auto& [name, child] : children_) {
      if (child.pid == pid && !child.ending) {
        child.ending = Words(status);
      }
    }
  }
}

std::optional<std::string> Children::Ending(const std::string& name) const {
  const auto found = children_.find(name);
  return found == children_.end() ? std::optional<std::string>("not started")
                                  : found->second.ending;
}

pid_t Children::Id(const std::string& name) const {
  const auto found = children_.find(name);
  return found == children_.end() || found->second.ending ? 0 : found->second.pid;
}

std::optional<std::string> Children::FirstEnded() const {
  for (const auto& [name, child] : children_) {
    if (child.ending) {
      return name;
    }
  }
  return std::nullopt;
}

void Children::Signal(const std::string& name, int number) {
  Reap();
  const auto found = children_.find(name);
  if (found != children_.end() && !found->second.ending) {
    ::kill(found->second.pid, number);
  }
}

bool Children::Stop(const std::string& name, std::chrono::milliseconds grace) {
  const auto found = children_.find(name);
  if (found == children_.end()) {
    return true;
  }
  Signal(name, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (!found->second.ending && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPollInterval);
    Reap();
  }
  const bool obeyed = found->second.ending.has_value();
  if (!obeyed) {
    ::kill(found->second.pid, SIGKILL);
    ::waitpid(found->second.pid, nullptr, 0);
  }
  children_.erase(found);
  return obeyed;
}

void Children::Kill(const std::string& name) {
  const auto found = children_.find(name);
  if (found == children_.end()) {
    return;
  }
  if (!found->second.ending) {
    ::kill(found->second.pid, SIGKILL);
    ::waitpid(found->second.pid, nullptr, 0);
  }
  children_.erase(found);
}

std::vector<pid_t> Children::StrangerIds() const {
  std::set<pid_t> known;
  for (const auto& [name, child] : children_) {
    known.insert(child.pid);
  }
  const auto processes = AllProcesses();
  std::vector<pid_t> strangers;
  for (const auto& [pid, line] : processes) {
    if (line.state != 'Z' && !known.contains(pid) && DescendsFrom(processes, pid, ::getpid())) {
      strangers.push_back(pid);
    }
  }
  return strangers;
}

std::vector<std::string> Children::Strangers() const {
  std::vector<std::string> words;
  for (const auto pid : StrangerIds()) {
    const auto line = ReadStat("/proc/" + std::to_string(pid));
    words.push_back(fmt::format("{} (process {})", line ? line->name : "?", pid));
  }
  return words;
}

void Children::KillStrangers() {
  // Whose parent is killed comes to us and is found by the next round.
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    const auto strangers = StrangerIds();
    if (strangers.empty()) {
      break;
    }
    for (const auto pid : strangers) {
      ::kill(pid, SIGKILL);
    }
    std::this_thread::sleep_for(kPollInterval);
    Reap();
  }
  Reap();
}

}  // namespace demo

#include "tests/cluster/support/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;

namespace cluster {
namespace {

namespace fs = std::filesystem;

std::string TakeFile(const fs::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  fs::remove(path);
  return text;
}

}  // namespace

Outcome RunToEnd(const std::vector<std::string>& command, const std::string& input,
                 const fs::path& scratch) {
  static std::atomic<int> runs = 0;
  const auto base = (scratch / ("run-" + std::to_string(++runs))).string();
  const auto in = base + ".in";
  const auto out = base + ".out";
  const auto err = base + ".err";
  std::ofstream(in) << input;

  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), kNew, S_IRUSR | S_IWUSR);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), kNew, S_IRUSR | S_IWUSR);
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int failure =
      ::posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failure != 0) {
    throw std::runtime_error("cannot run " + command.front());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  fs::remove(in);
  return {.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          .out = TakeFile(out),
          .err = TakeFile(err)};
}

}  // namespace cluster

#include "common/kubernetes/exec_plugin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>
#include <vector>

#include "common/rfc3339.h"
#include "common/text.h"
#include "common/unique_fd.h"

extern char** environ;

namespace common::kubernetes {
namespace {

using std::chrono::steady_clock;

constexpr auto kDeadline = std::chrono::seconds(60);
constexpr std::size_t kLongestOutput = 1U << 20U;
constexpr std::size_t kQuotedErrors = 300;

tl::unexpected<Error> Misfit(const std::string& what) {
  return Fail(std::errc::bad_message, "it prints no ExecCredential: " + what);
}

std::string Information(const ExecPlugin& plugin) {
  return fmt::format(
      R"({{"apiVersion":{},"kind":"ExecCredential","spec":{{"interactive":false}}}})",
      QuoteJson(plugin.api_version));
}

/// Our environment with the plugin's variables instead of ours of that name.
std::vector<std::string> EnvironmentOf(const ExecPlugin& plugin) {
  auto own = plugin.env;
  own["KUBERNETES_EXEC_INFO"] = Information(plugin);
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!own.contains(text.substr(0, text.find('=')))) {
      variables.push_back(text);
    }
  }
  for (const auto& [name, value] : own) {
    variables.push_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// A program with pipes at its standard output and error.
struct Started {
  pid_t pid = -1;
  UniqueFd output;
  UniqueFd errors;
};

Result<Started> StartPlugin(const ExecPlugin& plugin) {
  std::array<int, 2> output{};
  std::array<int, 2> errors{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    return FailErrno("cannot make a pipe");
  }
  Started started;
  started.output = UniqueFd(output[0]);
  const UniqueFd output_end(output[1]);
  if (::pipe2(errors.data(), O_CLOEXEC) != 0) {
    return FailErrno("cannot make a pipe");
  }
  started.errors = UniqueFd(errors[0]);
  const UniqueFd errors_end(errors[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output_end.Get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors_end.Get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  // A group of its own, so that what it has started can be ended with it.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments{plugin.command};
  arguments.insert(arguments.end(), plugin.arguments.begin(), plugin.arguments.end());
  auto environment = EnvironmentOf(plugin);
  const int error = ::posix_spawnp(&started.pid, plugin.command.c_str(), &actions, &attributes,
                                   Pointers(arguments).data(), Pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return FailErrno("cannot be started", error);
  }
  return started;
}

/// Reads both to their ends. False where it takes too long or says too much.
bool ReadAll(const Started& started, std::string& output, std::string& errors) {
  const auto deadline = steady_clock::now() + kDeadline;
  std::array<pollfd, 2> pipes{pollfd{started.output.Get(), POLLIN, 0},
                              pollfd{started.errors.Get(), POLLIN, 0}};
  std::array<std::string*, 2> texts{&output, &errors};
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      return false;
    }
    ::poll(pipes.data(), pipes.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) {
        continue;
      }
      std::array<char, 4096> buffer{};
      const auto count = ::read(pipes[i].fd, buffer.data(), buffer.size());
      if (count <= 0) {
        pipes[i].fd = -1;
        continue;
      }
      texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      if (texts[i]->size() > kLongestOutput) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

Result<ExecCredential> ParseExecCredential(std::string_view json, const std::string& api_version) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(simdjson::padded_string(json)).get(document) != simdjson::SUCCESS) {
    return Misfit("it is not JSON");
  }
  std::string_view kind;
  std::string_view version;
  if (document["kind"].get(kind) != simdjson::SUCCESS || kind != "ExecCredential") {
    return Misfit("its kind is not ExecCredential");
  }
  if (document["apiVersion"].get(version) != simdjson::SUCCESS || version != api_version) {
    return Misfit("its apiVersion is not " + api_version);
  }
  const auto status = document["status"];
  std::string_view token;
  if (status["token"].get(token) != simdjson::SUCCESS || token.empty()) {
    return Misfit("status.token is missing (client certificates from plugins are not supported)");
  }
  ExecCredential credential{std::string(token), {}};
  std::string_view expires;
  if (status["expirationTimestamp"].get(expires) == simdjson::SUCCESS) {
    credential.expires = ParseRfc3339(expires);
    if (!credential.expires) {
      return Misfit("status.expirationTimestamp is not a time such as 2026-11-21T03:10:12Z");
    }
  }
  return credential;
}

Result<ExecCredential> RunExecPlugin(const ExecPlugin& plugin) {
  const auto explain = [&](Error error) {
    error.what = fmt::format("credential plugin {}: {}", plugin.command, error.what);
    if (error.code == std::errc::no_such_file_or_directory && !plugin.install_hint.empty()) {
      error.what += "; " + plugin.install_hint;
    }
    return error;
  };
  auto started = StartPlugin(plugin);
  if (!started) {
    return tl::make_unexpected(explain(started.error()));
  }
  std::string output;
  std::string errors;
  const bool whole = ReadAll(*started, output, errors);
  if (!whole) {
    ::kill(-started->pid, SIGKILL);
  }
  int status = 0;
  while (::waitpid(started->pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole) {
    return tl::make_unexpected(explain(
        {std::make_error_code(std::errc::timed_out), "does not end, or says too much; killed"}));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return tl::make_unexpected(explain({std::make_error_code(std::errc::permission_denied),
                                        "failed: " + errors.substr(0, kQuotedErrors)}));
  }
  return ParseExecCredential(output, plugin.api_version).map_error(explain);
}

}  // namespace common::kubernetes

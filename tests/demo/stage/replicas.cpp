#include "tests/demo/stage/replicas.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "common/text.h"

namespace demo {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> CommandLine(const fs::path& process) {
  std::ifstream file(process / "cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) {
    words.push_back(word);
  }
  return words;
}

/// Field 22 of stat, counted from the last parenthesis: the name before it may hold anything.
std::uint64_t StartTicks(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  std::string_view rest = line;
  rest.remove_prefix(std::min(rest.rfind(')') + 1, rest.size()));
  for (int field = 3; field < 22; ++field) {
    common::TakeWord(rest);
  }
  return common::ParseUnsigned(common::TakeWord(rest)).value_or(0);
}

/// "shop-01-3" of `demo-shop --listen ... --name shop-01-3`.
std::optional<std::string> ReplicaName(const std::vector<std::string>& command) {
  if (command.empty() || fs::path(command.front()).filename() != "demo-shop") {
    return std::nullopt;
  }
  const auto flag = std::ranges::find(command, "--name");
  return flag == command.end() || std::next(flag) == command.end()
             ? std::nullopt
             : std::optional(*std::next(flag));
}

}  // namespace

Replicas FindReplicas(const std::vector<pid_t>& processes) {
  Replicas replicas;
  for (const auto pid : processes) {
    const auto process = fs::path("/proc") / std::to_string(pid);
    if (const auto name = ReplicaName(CommandLine(process))) {
      if (const auto ticks = StartTicks(process); ticks > 0) {
        replicas[*name].push_back({.pid = pid, .start_ticks = ticks});
      }
    }
  }
  return replicas;
}

ReplicaChanges Compare(const Replicas& before, const Replicas& after) {
  ReplicaChanges changes;
  changes.before = before.size();
  for (const auto& [name, processes] : before) {
    const auto now = after.find(name);
    const bool same = now != after.end() && now->second == processes;
    changes.same += same ? 1 : 0;
    if (!same) {
      changes.ended.push_back(name);
    }
  }
  for (const auto& [name, processes] : after) {
    if (processes.size() > 1) {
      changes.twice.push_back(name);
    }
  }
  return changes;
}

}  // namespace demo

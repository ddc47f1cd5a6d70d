#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"

namespace demo {

/// The programs that the demo runs, and whatever they leave to us when they end.
///
/// One thread: the one that starts a program keeps it alive (it gets SIGTERM when that thread
/// ends, even by SIGKILL). Each has a session of its own, so that Ctrl-C reaches only us.
class Children {
 public:
  /// From now on orphans among our descendants become children of ours.
  Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  /// Kills what still runs.
  ~Children();

  /// Runs `command` (found by PATH where it has no '/') with its output appended to `log`.
  [[nodiscard]] common::Result<void> Start(const std::string& name,
                                           const std::vector<std::string>& command,
                                           const std::filesystem::path& log);

  /// Notices which have ended. Call it often.
  void Reap();

  /// How it ended, in words ("exit code 2", "signal 9"); nullopt while it runs. Call Reap before.
  [[nodiscard]] std::optional<std::string> Ending(const std::string& name) const;

  /// The process of a program that was started, while it runs; 0: there is none.
  [[nodiscard]] pid_t Id(const std::string& name) const;

  /// The first that has ended, by name.
  [[nodiscard]] std::optional<std::string> FirstEnded() const;

  /// Sends a signal if it still runs.
  void Signal(const std::string& name, int number);

  /// SIGTERM, at most `grace`, SIGKILL. True if SIGTERM was enough (or it had ended before).
  bool Stop(const std::string& name, std::chrono::milliseconds grace);

  /// SIGKILL, and forgets it: it may be started again under its name.
  void Kill(const std::string& name);

  /// Every descendant that is none of the started programs. Zombies, which nobody has waited for
  /// yet, are none.
  [[nodiscard]] std::vector<pid_t> StrangerIds() const;

  /// The same, as "name (process 12)".
  [[nodiscard]] std::vector<std::string> Strangers() const;

  /// SIGKILL to every descendant that is none of the started programs.
  void KillStrangers();

 private:
  struct Child {
    pid_t pid = 0;
    std::optional<std::string> ending;
  };

  std::map<std::string, Child> children_;
};

}  // namespace demo

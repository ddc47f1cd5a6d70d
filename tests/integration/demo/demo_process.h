#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "integration/demo/port_range.h"
#include "support/scratch_directory.h"
#include "tests/demo/stage/children.h"

namespace demo {

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// trimtab-demo in a world of its own: temporary directory, ports.
class DemoProcess {
 public:
  explicit DemoProcess(std::vector<std::string> arguments) {
    std::filesystem::create_directory(Temporary());
    std::vector<std::string> command = {"env",
                                        "TMPDIR=" + Temporary().string(),
                                        BINARY_DIR "/trimtab-demo",
                                        "--source-dir",
                                        SOURCE_DIR,
                                        "--port-base",
                                        std::to_string(range_.Base())};
    command.insert(command.end(), {"--summary", SummaryFile().string()});
    command.insert(command.end(), std::make_move_iterator(arguments.begin()),
                   std::make_move_iterator(arguments.end()));
    EXPECT_TRUE(children_.Start("demo", command, Log()));
  }

  [[nodiscard]] bool HasSaid(const std::string& words) const {
    return ReadAll(Log()).find(words) != std::string::npos;
  }

  bool AwaitWords(const std::string& words, std::chrono::seconds timeout) {
    return Await([&] { return HasSaid(words); }, timeout);
  }

  /// How it ended; empty if it did not.
  std::string AwaitEnd(std::chrono::seconds timeout) {
    Await([&] { return children_.Ending("demo").has_value(); }, timeout);
    return children_.Ending("demo").value_or("");
  }

  void Signal(int number) { children_.Signal("demo", number); }

  [[nodiscard]] std::filesystem::path Log() const { return scratch_.Path() / "demo.log"; }
  [[nodiscard]] std::filesystem::path SummaryFile() const {
    return scratch_.Path() / "summary.json";
  }

  /// What should not be there after the end: processes, ports, files.
  std::vector<std::string> Leftovers() {
    auto left = children_.Strangers();
    if (const auto free = CheckFree(Ports::From(range_.Base())); !free) {
      left.push_back(free.error().what);
    }
    for (const auto& entry : std::filesystem::directory_iterator(Temporary())) {
      left.push_back(entry.path().string());
    }
    return left;
  }

  [[nodiscard]] std::filesystem::path Temporary() const { return scratch_.Path() / "tmp"; }

 private:
  template <typename Condition>
  bool Await(Condition holds, std::chrono::seconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (children_.Reap(); !holds(); children_.Reap()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
  }

  const tests::ScratchDirectory scratch_;
  const tests::PortRange range_;
  Children children_;
};

/// Without the right to make cgroups replicas run without limits, and no kernel kills them.
inline bool AreCgroupsPossible() {
  const std::filesystem::path memory = "/sys/fs/cgroup/memory";
  const std::filesystem::path root =
      std::filesystem::exists(memory / "cgroup.procs") ? memory : "/sys/fs/cgroup";
  const auto probe = root / ("trimtab-demo-test-" + std::to_string(::getpid()));
  return ::mkdir(probe.c_str(), 0755) == 0 && ::rmdir(probe.c_str()) == 0;
}

}  // namespace demo

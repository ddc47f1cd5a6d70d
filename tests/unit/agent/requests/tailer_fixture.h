#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/requests/tailer.h"
#include "support/simulated_executor.h"
#include "unit/agent/requests/log_directory.h"

namespace agent::requests {

class Collected final : public LineSink {
 public:
  void Count(std::string_view line) override { lines.emplace_back(line); }
  void Reject(Rejection) override { ++rejected; }

  std::vector<std::string> lines;
  int rejected = 0;
};

/// A log, its writer, and a tailer that can be killed and started again.
class TailerTest : public ::testing::Test {
 protected:
  TailerTest() { Start(); }

  void Start(const std::vector<KnownFile>* from = nullptr) {
    notifier_.emplace(ChangeNotifier::Make().value());
    tailer_.emplace(directory_.Log(), std::chrono::seconds(5), *notifier_, clock_);
    if (from != nullptr) {
      tailer_->Restore(*from);
    }
  }

  /// A kill -9 between two polls; what happens in `away`; and a start from the last checkpoint.
  template <typename Away>
  void KillAndRestart(Away away) {
    const auto files = tailer_->Files();
    tailer_.reset();
    away();
    Start(&files);
  }

  /// Polls until nothing is left, and gives the lines that came.
  std::vector<std::string> Lines() {
    Collected collected;
    while (tailer_->Poll(1UL << 20U, collected)) {
    }
    rejected_ += collected.rejected;
    return collected.lines;
  }

  bool DescriptorIsReadable() {
    pollfd descriptor{.fd = notifier_->Descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&descriptor, 1, 0) == 1;
  }

  void LetTimePass(std::chrono::seconds time) { clock_.RunFor(time); }

  tests::LogDirectory directory_;
  tests::SimulatedExecutor clock_{common::WallTime(std::chrono::seconds(1'700'000'000))};
  std::optional<ChangeNotifier> notifier_;
  std::optional<Tailer> tailer_;
  int rejected_ = 0;
};

}  // namespace agent::requests

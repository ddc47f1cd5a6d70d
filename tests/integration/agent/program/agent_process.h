#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/text.h"
#include "integration/agent/requests/child_process.h"
#include "integration/exporters/peer.h"

namespace tests {

inline std::string ReadWholeFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Asks until `done` says yes; fails the test if it never does.
template <typename Done>
bool Eventually(Done done, std::chrono::seconds patience = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// The real trimtab-agent on a free port.
class AgentProcess {
 public:
  AgentProcess(std::vector<std::string> flags, std::filesystem::path log) : log_(std::move(log)) {
    std::filesystem::remove(log_);
    std::vector<std::string> command = {TRIMTAB_AGENT, "--listen", "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    process_.emplace(std::move(command), log_);
    EXPECT_TRUE(Eventually([&] { return FindPort(); })) << ReadWholeFile(log_);
  }

  [[nodiscard]] std::uint16_t Port() const { return port_; }
  [[nodiscard]] std::string Get(std::string_view path) const { return tests::Get(port_, path); }
  [[nodiscard]] std::string Log() const { return ReadWholeFile(log_); }

  /// The value of a series, as the page writes both; nothing where there is none.
  [[nodiscard]] std::optional<double> Value(const std::string& series) const {
    const auto page = Get("/metrics");
    const auto at = page.find("\n" + series + " ");
    if (at == std::string::npos) {
      return std::nullopt;
    }
    std::string_view rest = std::string_view(page).substr(at + series.size() + 2);
    return common::ParseDouble(common::TakeLine(rest));
  }

  /// Sends SIGTERM; the exit code.
  int Stop() { return process_->Stop(); }

 private:
  bool FindPort() {
    const auto log = Log();
    const auto at = log.find(" port=");
    if (at == std::string::npos) {
      return false;
    }
    std::string_view rest = std::string_view(log).substr(at + 6);
    port_ = static_cast<std::uint16_t>(common::ParseUnsigned(common::TakeWord(rest)).value_or(0));
    return port_ != 0;
  }

  std::filesystem::path log_;
  std::optional<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

}  // namespace tests

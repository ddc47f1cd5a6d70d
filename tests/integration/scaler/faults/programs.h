#pragma once

#include <atomic>
#include <boost/json/value.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/agent/requests/child_process.h"
#include "support/scratch_directory.h"

namespace tests {

/// trimtab-agent and trimtab-scaler as they are shipped, with one workload, "shop", whose visitors
/// are lines in an access log. Everything of it ends with it.
class Programs {
 public:
  /// `state` is the scaler's state directory. `environment` as "NAME=value", for both programs.
  Programs(std::filesystem::path state, std::vector<std::string> environment);
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();

  void StartAgent();
  void StartScaler();
  void KillScaler() { scaler_.reset(); }
  /// With its replicas. Its exit code.
  int StopScaler();

  /// So many visitors come every second from now on, each served.
  void Visit(int per_second) { per_second_ = per_second; }

  /// Asks until it holds, for a minute at most.
  [[nodiscard]] bool Eventually(const std::function<bool()>& holds) const;

  /// The scaler's status; null where it does not answer.
  [[nodiscard]] boost::json::value Status() const;
  [[nodiscard]] boost::json::value Decisions() const;
  /// The workload in the status; null where there is none.
  [[nodiscard]] boost::json::value Shop() const;
  [[nodiscard]] bool IsReady(int replicas) const;
  /// The processes of the replicas, by name.
  [[nodiscard]] std::map<std::string, int> Replicas() const;
  /// The value of one series, of the agent or of the scaler.
  [[nodiscard]] std::optional<double> AgentValue(const std::string& series) const;
  [[nodiscard]] std::optional<double> ScalerValue(const std::string& series) const;

  [[nodiscard]] const std::filesystem::path& Directory() const { return scratch_.Path(); }
  /// What both programs have said.
  [[nodiscard]] std::string Story() const;

 private:
  void WriteConfiguration() const;
  void Feed();
  [[nodiscard]] std::vector<std::string> Command(const std::string& program) const;
  [[nodiscard]] std::uint16_t AwaitPort(const std::string& log) const;

  ScratchDirectory scratch_;
  std::filesystem::path state_;
  std::vector<std::string> environment_;
  std::uint16_t agent_port_ = 0;
  std::uint16_t scaler_port_ = 0;
  std::optional<ChildProcess> agent_;
  std::optional<ChildProcess> scaler_;
  std::atomic<int> per_second_{0};
  std::atomic<bool> ending_{false};
  std::thread feeder_;
};

}  // namespace tests

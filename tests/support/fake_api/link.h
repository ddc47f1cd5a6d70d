#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/transport.h"

namespace tests {

/// The network between one process and an API server: everything takes its time, may be cut, and a
/// write that is on its way arrives though its sender is dead or stopped by then. It outlives the
/// process.
class Link final : public common::kubernetes::Transport {
 public:
  /// Requests travel on the world's time, answers come in on the process's.
  Link(common::Executor& world, common::Executor& process, common::kubernetes::Transport& api,
       std::chrono::milliseconds latency)
      : world_(world), process_(process), api_(api), latency_(latency) {}

  /// While it is cut nothing arrives, and what was open has broken.
  void Cut(bool cut);

  [[nodiscard]] std::unique_ptr<common::kubernetes::WireCall> Start(
      common::kubernetes::WireRequest request, common::kubernetes::WireEvents events) override;

 private:
  struct Line {
    common::kubernetes::WireEvents events;
    bool given_up = false;
    bool over = false;
    bool writes = false;
    std::unique_ptr<common::kubernetes::WireCall> call;
  };
  using LinePtr = std::shared_ptr<Line>;
  class Call;

  void Arrive(const LinePtr& line, common::kubernetes::WireRequest request);
  /// Runs on the process, after the way back, unless it has given up by then.
  void Back(const LinePtr& line, std::function<void(Line&)> event);
  void Break(const LinePtr& line);
  void Later(std::function<void()> call);

  common::Executor& world_;
  common::Executor& process_;
  common::kubernetes::Transport& api_;
  std::chrono::milliseconds latency_;
  bool cut_ = false;
  std::map<Line*, LinePtr> lines_;  ///< Those that the server has.
  std::map<std::uint64_t, std::unique_ptr<common::Timer>> travelling_;
  std::uint64_t next_ = 0;
};

}  // namespace tests

#pragma once

#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "tests/bench/cluster_latency/external_metrics.h"
#include "tests/bench/cluster_latency/report.h"
#include "tests/bench/cluster_latency/times.h"
#include "tests/bench/cluster_latency/writes.h"
#include "tests/cluster/support/signal_source.h"
#include "tests/demo/stage/scaler_api.h"

namespace cluster::latency {

/// What all measurements share.
struct Stage {
  ControlPlane& plane;
  std::string name_space;
  SignalSource& source;
  const ExternalMetrics& metrics;
  const demo::ScalerApi& scaler;
  Writes& writes;
  std::mt19937_64 random;

  /// Evenly spread, in seconds.
  [[nodiscard]] std::chrono::nanoseconds Between(double least, double most) {
    const std::chrono::duration<double> seconds(
        std::uniform_real_distribution<double>(least, most)(random));
    return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
  }
  /// All that the scaler has committed. Throws std::runtime_error where it does not answer.
  [[nodiscard]] std::vector<demo::DecisionLine> Decisions() const {
    std::vector<demo::DecisionLine> lines;
    const bool answered = Eventually([&] {
      auto answer = scaler.DecisionsAfter(0);
      lines = answer ? std::move(*answer) : std::vector<demo::DecisionLine>();
      return answer.has_value();
    });
    if (!answered) {
      throw std::runtime_error("trimtab-scaler does not tell what it has decided");
    }
    return lines;
  }
  void Apply(const std::string& manifests) const {
    plane.Must({"apply", "-n", name_space, "-f", "-"}, manifests);
  }
};

/// One measurement. Several run at once, all on one thread.
class Course {
 public:
  Course() = default;
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;
  virtual ~Course() = default;

  /// Does what is due. Called every few milliseconds, when Stage::writes has what is new.
  virtual void Poll(common::MonotonicTime now) = 0;
  [[nodiscard]] virtual bool IsDone() const = 0;
  /// How far it is, in some words.
  [[nodiscard]] virtual std::string Progress() const = 0;
  [[nodiscard]] virtual std::vector<Section> Report() const = 0;
};

}  // namespace cluster::latency

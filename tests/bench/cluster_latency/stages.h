#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/cluster_latency/frames.h"
#include "tests/bench/cluster_latency/report.h"
#include "tests/bench/cluster_latency/sends.h"
#include "tests/bench/cluster_latency/writes.h"
#include "tests/demo/stage/scaler_api.h"

namespace cluster::latency {

/// Who saw on its way what a burst has led to.
struct Witnesses {
  const Frames& frames;
  std::function<std::string()> scaler_log;
};

/// What they say in the end.
struct Records {
  std::vector<demo::DecisionLine> decisions;
  std::map<std::string, std::vector<Send>> sends;  ///< By workload.
  const Frames& frames;
};

/// The way from a first request to an accepted write, cut into stages that follow one another, each
/// with its own owner: together they are as long as the whole, but for the milliseconds to which
/// most of these times are cut off.
class Path {
 public:
  /// What led to `write` of `workload`, whose first request was sent at `since`. Left out where one
  /// of the witnesses has not seen it.
  void Add(const std::string& workload, common::MonotonicTime since, const Write& write,
           const Records& records);

  /// A row a stage, and one of those requests that had to open a connection.
  [[nodiscard]] std::vector<Row> Rows() const;

 private:
  static constexpr std::size_t kStages = 8;

  std::array<std::vector<double>, kStages> seconds_;
  std::vector<double> over_new_;
};

}  // namespace cluster::latency

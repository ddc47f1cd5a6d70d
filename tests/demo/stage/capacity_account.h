#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "tests/demo/stage/cloud.h"
#include "tests/demo/stage/node_events.h"
#include "tests/demo/stage/scaler_api.h"

namespace demo {

/// What nodes cost and did in a run.
struct CapacitySummary {
  double spare_ok_share = 0;  ///< Of the time in which the scaler told of it.
  std::vector<Reclaim> reclaims;
  std::vector<std::uint64_t> lost;  ///< Requests, by reclaim.
  /// From the moment at which the scaler heard that spot is out of stock to the commit of its order
  /// of a node on demand.
  std::vector<double> fallback_seconds;
  /// From the end of a stock-out to the first order of a spot node.
  std::vector<double> return_seconds;
  std::optional<std::uint64_t> drain_deadline_missed;  ///< Nothing: Prometheus did not say.
  std::uint64_t requests_lost = 0;                     ///< To reclaims.
  /// What the nodes cost, of what they would have cost on demand.
  std::optional<double> cost_share_of_on_demand;
  std::size_t most_nodes = 0;
  std::vector<std::string> problems;
};

inline constexpr const char* kOnDemandPool = "dedicated";

/// Keeps account of the nodes from looks at the scaler and the cloud.
class CapacityAccount {
 public:
  void Look(const CapacityStatus& status, common::MonotonicTime now);
  void Look(const CloudView& cloud);
  void Take(const std::vector<CapacityLine>& lines);
  /// The last line that was taken.
  [[nodiscard]] std::uint64_t LastLine() const { return last_line_; }

  [[nodiscard]] double SpareOkShare() const;
  [[nodiscard]] std::size_t MostNodes() const { return most_nodes_; }

  /// For each stock-out that the scaler met, if it ordered a node on demand meanwhile.
  [[nodiscard]] std::vector<double> FallbackSeconds(const std::vector<StockOut>& stock_outs) const;
  [[nodiscard]] std::vector<double> ReturnSeconds(const std::vector<StockOut>& stock_outs) const;

  /// Nothing before a node on demand has cost anything.
  [[nodiscard]] std::optional<double> CostShareOfOnDemand() const;

 private:
  struct Ordered {
    common::MonotonicTime at;
    bool spot = false;
  };

  std::optional<common::MonotonicTime> looked_;
  bool spare_ok_ = false;
  std::chrono::duration<double> ok_{};
  std::chrono::duration<double> told_{};
  std::set<std::string> known_;
  std::vector<Ordered> ordered_;  ///< Of all nodes that were ever seen, the first few thousand.
  std::size_t most_nodes_ = 0;
  CloudView cloud_;
  std::uint64_t last_line_ = 0;
  std::vector<CapacityLine> lines_;  ///< Those that heard or ordered something.
};

}  // namespace demo

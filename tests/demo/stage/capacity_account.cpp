#include "tests/demo/stage/capacity_account.h"

#include <algorithm>

namespace demo {
namespace {

using common::MonotonicTime;

constexpr std::size_t kMostOrders = 10'000;

double SecondsApart(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void CapacityAccount::Look(const CapacityStatus& status, MonotonicTime now) {
  if (looked_ && status.spare_ok) {
    told_ += now - *looked_;
    if (spare_ok_) {
      ok_ += now - *looked_;
    }
  }
  looked_ = now;
  spare_ok_ = status.spare_ok.value_or(false);
}

void CapacityAccount::Look(const CloudView& cloud) {
  for (const auto& node : cloud.nodes) {
    if (ordered_.size() < kMostOrders && known_.insert(node.name).second) {
      ordered_.push_back({node.ordered, node.spot});
    }
  }
  most_nodes_ = std::max(most_nodes_, cloud.nodes.size());
  cloud_ = cloud;
}

double CapacityAccount::SpareOkShare() const { return told_.count() > 0 ? ok_ / told_ : 0; }

void CapacityAccount::Take(const std::vector<CapacityLine>& lines) {
  for (const auto& line : lines) {
    last_line_ = line.id;
    if ((line.heard_stock_out || line.adds_on_demand) && lines_.size() < kMostOrders) {
      lines_.push_back(line);
    }
  }
}

std::vector<double> CapacityAccount::FallbackSeconds(
    const std::vector<StockOut>& stock_outs) const {
  std::vector<double> seconds;
  for (const auto& stock_out : stock_outs) {
    std::optional<MonotonicTime> heard;
    for (const auto& line : lines_) {
      if (line.committed < stock_out.began || line.committed > stock_out.ended) {
        continue;
      }
      if (!heard && line.heard_stock_out) {
        heard = line.committed;
      }
      if (heard && line.adds_on_demand) {
        seconds.push_back(SecondsApart(*heard, line.committed));
        break;
      }
    }
  }
  return seconds;
}

std::vector<double> CapacityAccount::ReturnSeconds(const std::vector<StockOut>& stock_outs) const {
  std::vector<double> seconds;
  for (const auto& stock_out : stock_outs) {
    std::optional<MonotonicTime> first;
    for (const auto& order : ordered_) {
      if (order.spot && order.at >= stock_out.ended) {
        first = first ? std::min(*first, order.at) : order.at;
      }
    }
    if (first) {
      seconds.push_back(SecondsApart(stock_out.ended, *first));
    }
  }
  return seconds;
}

std::optional<double> CapacityAccount::CostShareOfOnDemand() const {
  const auto dedicated = cloud_.accounts.find(kOnDemandPool);
  if (dedicated == cloud_.accounts.end() || dedicated->second.node_seconds <= 0) {
    return std::nullopt;
  }
  const double price = dedicated->second.cost / dedicated->second.node_seconds;
  double cost = 0;
  double node_seconds = 0;
  for (const auto& [pool, account] : cloud_.accounts) {
    cost += account.cost;
    node_seconds += account.node_seconds;
  }
  return price > 0 ? std::optional(cost / (node_seconds * price)) : std::nullopt;
}

}  // namespace demo

#include "tests/bench/cluster_latency/stages.h"

#include <algorithm>

#include "tests/bench/cluster_latency/times.h"

namespace cluster::latency {
namespace {

constexpr std::array kNames = {
    "  agent: until a frame tells of the request", "  demand: until a frame tells of enough",
    "  stream: until the scaler decides by it",    "  scaler: until the decision is committed",
    "  client: until the rate limit lets it go",   "  client: until the request is sent",
    "  network: until the API server has it",      "  API server: until it has answered",
};
constexpr auto kOverNew = "  of these sent over a new connection";

}  // namespace

void Path::Add(const std::string& workload, common::MonotonicTime since, const Write& write,
               const Records& records) {
  const auto decision =
      std::ranges::find_if(records.decisions, [&](const demo::DecisionLine& line) {
        return line.workload == workload && line.committed >= since && line.to == write.to;
      });
  const auto sends = records.sends.find(workload);
  if (decision == records.decisions.end() || sends == records.sends.end()) {
    return;
  }
  const auto send = std::ranges::find_if(sends->second, [&](const Send& each) {
    return each.to == write.to && each.sent >= since && each.let_go <= write.accepted;
  });
  const auto decided = MonotonicOf(decision->decided);
  const auto first = records.frames.FirstOf(workload);
  const auto enough = records.frames.LastBefore(decided);
  if (send == sends->second.end() || !first || !enough) {
    return;
  }
  const std::array times = {since,
                            *first,
                            std::max(*first, *enough),
                            decided,
                            decision->committed,
                            send->let_go,
                            send->sent,
                            write.received,
                            write.accepted};
  static_assert(times.size() == kStages + 1 && kNames.size() == kStages);
  for (std::size_t i = 0; i < kStages; ++i) {
    // Not below 0: what was cut off to a whole millisecond may seem to come before its cause.
    seconds_[i].push_back(std::max(0.0, Seconds(times[i], times[i + 1])));
  }
  if (!send->kept) {
    over_new_.push_back(Seconds(send->let_go, send->sent));
  }
}

std::vector<Row> Path::Rows() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < kStages; ++i) {
    rows.push_back({.name = kNames.at(i), .seconds = seconds_.at(i)});
  }
  if (!over_new_.empty()) {
    rows.push_back({.name = kOverNew, .seconds = over_new_});
  }
  return rows;
}

}  // namespace cluster::latency

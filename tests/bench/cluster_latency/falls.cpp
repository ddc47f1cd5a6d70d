#include "tests/bench/cluster_latency/falls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/bench/cluster_latency/manifests.h"

namespace cluster::latency {
namespace {

using common::MonotonicTime;

constexpr int kHigh = 100;
constexpr int kLow = 10;
constexpr int kMax = 40;
/// What a tenth may leave at most, of the ten replicas for what was before.
constexpr int kMostLeft = 2;
/// How long the demand has been there when it falls.
constexpr double kShortestStay = 20;
constexpr double kLongestStay = 80;
constexpr auto kWatched = std::chrono::seconds(100);
constexpr auto kTheirPatience = std::chrono::seconds(420);
constexpr auto kTheirs = "fall-theirs";

struct Kind {
  const char* name;
  const char* in_words;
  const char* keys;
};

constexpr std::array<Kind, 2> kKinds = {
    {{"fall-default", "Trimtab, all by default", ""},
     {"fall-exact", "Trimtab, without headroom", kNoObjective}}};

}  // namespace

Falls::Falls(Stage& stage, int each) : stage_(stage) {
  std::string manifests;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    for (int i = 0; i < each; ++i) {
      lanes_.push_back(
          {.name = fmt::format("{}-{}", kKinds[kind].name, i), .kind = kind, .falls = {}});
      stage_.source.SetInFlight(lanes_.back().name, kHigh);
      manifests += OurWorkload(lanes_.back().name, kHigh / kLow, 1, kMax,
                               std::string(kKinds[kind].keys) + kInFlight);
    }
  }
  stage_.Apply(manifests);
  for (auto& lane : lanes_) {
    lane.falls = std::chrono::steady_clock::now() + stage_.Between(kShortestStay, kLongestStay);
  }
}

void Falls::Poll(MonotonicTime now) {
  for (auto& lane : lanes_) {
    if (!lane.fell && now >= lane.falls) {
      lane.falls = now;
      lane.fell = true;
      stage_.source.SetInFlight(lane.name, kLow);
    }
    lane.over = lane.fell && now > lane.falls + kWatched;
  }
}

bool Falls::IsDone() const { return std::ranges::all_of(lanes_, &Lane::over); }

std::string Falls::Progress() const {
  return fmt::format("{} of {} falls", std::ranges::count_if(lanes_, &Lane::over), lanes_.size());
}

std::vector<Section> Falls::Report() const {
  Section section{.title = "a lasting fall of a signal to a tenth -> the last write is accepted",
                  .rows = {}};
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    Row row{.name = kKinds[kind].in_words, .seconds = {}, .limit = Limit{1, 60}};
    for (const auto& lane : lanes_) {
      const auto& writes = stage_.writes.Of(lane.name);
      if (lane.kind != kind) {
        continue;
      }
      if (!writes.empty() && writes.back().accepted > lane.falls && writes.back().to <= kMostLeft) {
        row.seconds.push_back(Seconds(lane.falls, writes.back().accepted));
      } else {
        ++row.missed;
      }
    }
    section.rows.push_back(std::move(row));
  }
  section.notes.push_back(
      fmt::format("from {} requests in flight to {}, ten a replica; watched for {} s after it",
                  kHigh, kLow, kWatched.count()));
  return {section};
}

TheirFall::TheirFall(Stage& stage) : stage_(stage) {
  stage_.metrics.Set(kTheirs, kHigh);
  stage_.Apply(TheirWorkload(kTheirs, kHigh / kLow, kMax, /*at_once=*/false));
  // Before it has looked once there is nothing that it could hold on to.
  const auto looked = [this] {
    return stage_.plane.Must({"get", "hpa", kTheirs, "-n", stage_.name_space, "-o",
                              "jsonpath={.status.desiredReplicas}"}) == "10";
  };
  if (!Eventually(looked, std::chrono::seconds(120))) {
    throw std::runtime_error("the HPA does not look at its metric");
  }
  stage_.metrics.Set(kTheirs, kLow);
  fell_ = std::chrono::steady_clock::now();
}

void TheirFall::Poll(MonotonicTime now) {
  const auto& writes = stage_.writes.Of(kTheirs);
  if (!took_ && !writes.empty() && writes.back().to == 1) {
    took_ = Seconds(fell_, writes.back().accepted);
  }
  gave_up_ = now > fell_ + kTheirPatience;
}

std::string TheirFall::Progress() const {
  return took_ ? fmt::format("the HPA's fall took {:.0f} s", *took_) : "the HPA's fall";
}

std::vector<Section> TheirFall::Report() const {
  Row row{.name = "HPA, all by default", .seconds = {}};
  if (took_) {
    row.seconds.push_back(*took_);
  } else {
    ++row.missed;
  }
  return {{.title = "the same fall, once", .rows = {row}}};
}

}  // namespace cluster::latency

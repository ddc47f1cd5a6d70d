#include "tests/bench/cluster_latency/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/bench/cluster_latency/manifests.h"

namespace cluster::latency {
namespace {

using common::MonotonicTime;

constexpr int kMostLanes = 10;
constexpr int kPerReplica = 10;
constexpr int kLow = 3;
constexpr int kHigh = 6;
constexpr int kMax = 20;
constexpr auto kPatience = std::chrono::seconds(120);
/// The HPA looks every 15 s: all of its phases are as likely.
constexpr double kShortestPause = 1;
constexpr double kLongestPause = 16;

std::optional<Write> FirstSince(const std::vector<Write>& writes, MonotonicTime began, int to) {
  const auto found = std::find_if(writes.begin(), writes.end(), [&](const Write& write) {
    return write.to == to && write.accepted >= began;
  });
  return found == writes.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Steps::Steps(Stage& stage, int ups) : stage_(stage) {
  const int count = std::min(ups, kMostLanes);
  std::string manifests;
  for (int i = 0; i < count; ++i) {
    Lane lane{.ours = fmt::format("step-ours-{}", i),
              .theirs = fmt::format("step-theirs-{}", i),
              .next = {},
              .steps = {}};
    lane.left = 2 * ((ups + count - 1) / count);
    manifests +=
        OurWorkload(lane.ours, kLow, 1, kMax, std::string(kNoObjective) + kInFlight + kFallsAtOnce);
    manifests += TheirWorkload(lane.theirs, kLow, kMax, /*at_once=*/true);
    stage_.source.SetInFlight(lane.ours, kLow * kPerReplica);
    stage_.metrics.Set(lane.theirs, kLow * kPerReplica);
    lanes_.push_back(std::move(lane));
  }
  stage_.Apply(manifests);
  AwaitKnown();
  for (auto& lane : lanes_) {
    lane.next = std::chrono::steady_clock::now() + stage_.Between(kShortestPause, kLongestPause);
  }
}

void Steps::AwaitKnown() const {
  const auto active = [this] {
    const auto states = stage_.plane.Must(
        {"get", "hpa", "-n", stage_.name_space, "-o",
         R"(jsonpath={.items[*].status.conditions[?(@.type=="ScalingActive")].status})"});
    std::size_t count = 0;
    for (auto at = states.find("True"); at != std::string::npos; at = states.find("True", at + 1)) {
      ++count;
    }
    return count >= lanes_.size();
  };
  const auto governed = [this] {
    const auto decisions = stage_.scaler.DecisionsAfter(0);
    return decisions && std::ranges::all_of(lanes_, [&](const Lane& lane) {
             return std::ranges::any_of(*decisions, [&](const demo::DecisionLine& decision) {
               return decision.workload == lane.ours;
             });
           });
  };
  if (!Eventually(active, kPatience) || !Eventually(governed, kPatience)) {
    throw std::runtime_error("the HPA or the scaler does not know the workloads");
  }
}

void Steps::Poll(MonotonicTime now) {
  for (auto& lane : lanes_) {
    if (!lane.under_way) {
      if (lane.left > 0 && now >= lane.next) {
        Begin(lane);
      }
      continue;
    }
    auto& step = lane.steps.back();
    const int to = step.up ? kHigh : kLow;
    step.ours = FirstSince(stage_.writes.Of(lane.ours), step.began, to);
    step.theirs = FirstSince(stage_.writes.Of(lane.theirs), step.began, to);
    if ((step.ours && step.theirs) || now > step.began + kPatience) {
      lane.under_way = false;
      lane.next = now + stage_.Between(kShortestPause, kLongestPause);
    }
  }
}

/// The HPA's number is there before the clock starts, so that nothing of that counts against it.
void Steps::Begin(Lane& lane) {
  Step step{.up = lane.left % 2 == 0, .began = {}, .ours = {}, .theirs = {}};
  const int demand = (step.up ? kHigh : kLow) * kPerReplica;
  stage_.metrics.Set(lane.theirs, demand);
  step.began = std::chrono::steady_clock::now();
  stage_.source.SetInFlight(lane.ours, static_cast<std::uint64_t>(demand));
  lane.steps.push_back(step);
  lane.under_way = true;
  --lane.left;
}

bool Steps::IsDone() const {
  return std::ranges::all_of(lanes_,
                             [](const Lane& lane) { return lane.left == 0 && !lane.under_way; });
}

std::string Steps::Progress() const {
  std::size_t done = 0;
  std::size_t all = 0;
  for (const auto& lane : lanes_) {
    done += lane.steps.size() - (lane.under_way ? 1 : 0);
    all += lane.steps.size() + static_cast<std::size_t>(lane.left);
  }
  return fmt::format("{} of {} steps", done, all);
}

std::vector<Section> Steps::Report() const { return {Of(true), Of(false)}; }

Section Steps::Of(bool up) const {
  Row ours{.name = "Trimtab", .seconds = {}};
  Row decided{.name = "  until the decision is committed", .seconds = {}};
  Row sent{.name = "  until the API server has the request", .seconds = {}};
  Row accepted{.name = "  until it has answered", .seconds = {}};
  Row theirs{.name = "HPA", .seconds = {}};
  if (up) {
    ours.limit = Limit{.share = 0.99, .seconds = 1};
  }
  const auto decisions = stage_.Decisions();
  const auto add = [](Row& row, MonotonicTime from, const std::optional<MonotonicTime>& to) {
    if (to) {
      row.seconds.push_back(Seconds(from, *to));
    } else {
      ++row.missed;
    }
  };
  const auto when = [](const std::optional<Write>& write) {
    return write ? std::optional(write->accepted) : std::nullopt;
  };
  for (const auto& lane : lanes_) {
    for (const auto& step : lane.steps) {
      if (step.up != up) {
        continue;
      }
      add(ours, step.began, when(step.ours));
      add(theirs, step.began, when(step.theirs));
      const auto decision = std::ranges::find_if(decisions, [&](const demo::DecisionLine& line) {
        return line.workload == lane.ours && line.committed >= step.began &&
               line.to == (up ? kHigh : kLow);
      });
      if (step.ours && decision != decisions.end()) {
        add(decided, step.began, decision->committed);
        add(sent, decision->committed, step.ours->received);
        add(accepted, step.ours->received, step.ours->accepted);
      }
    }
  }
  return {.title = up ? "a step up of a signal -> the write of spec.replicas is accepted"
                      : "the step down again, with nothing that holds it back",
          .rows = {ours, decided, sent, accepted, theirs}};
}

}  // namespace cluster::latency

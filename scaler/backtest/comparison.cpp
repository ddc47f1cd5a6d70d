#include "scaler/backtest/comparison.h"

#include <algorithm>
#include <utility>

#include "scaler/backtest/course.h"
#include "scaler/backtest/foresight.h"

namespace scaler::backtest {
namespace {

using MakeRule = std::function<std::unique_ptr<Rule>(const World&, const Series&)>;

Contender ByRule(std::string name, MakeRule make) {
  return {std::move(name),
          [make](const World& world, const Series& series) {
            return PlayRule(world, series, *make(world, series));
          },
          make};
}

}  // namespace

World Fitted(World world, const Series& series) {
  world.step = std::min(world.step, series.period);
  return world;
}

Contender PolicyContender(std::string name, policy::ScalingPolicy document) {
  return ByRule(std::move(name),
                [document = std::move(document)](const World& world, const Series& series) {
                  const auto& terms = TermsFor(document, series.labels);
                  return std::make_unique<PolicyRule>(world, terms.policy, terms.schedules);
                });
}

Contender HpaContender(std::string name, const HpaOptions& options) {
  return ByRule(std::move(name), [options](const World& world, const Series& /*series*/) {
    return std::make_unique<HpaRule>(world, options);
  });
}

Contender StaticContender(int min) {
  return ByRule("static", [min](const World& world, const Series& series) {
    return std::make_unique<StaticRule>(world, series, min);
  });
}

Contender FloorContender(int min) {
  auto contender =
      PeakHoldContender({.factor = 1, .hold = std::chrono::hours(24 * 365 * 100), .min = min});
  contender.name = "floor";
  return contender;
}

Contender OracleContender(std::string name, double share, int min) {
  return {std::move(name),
          [share, min](const World& world, const Series& series) {
            return PlayOracle(world, series, share, min);
          },
          nullptr};
}

Contender PeakHoldContender(const PeakHoldOptions& options) {
  return ByRule(NameOf(options), [options](const World& world, const Series& /*series*/) {
    return std::make_unique<PeakHoldRule>(world, options);
  });
}

Comparison::Comparison(World world, std::vector<Contender> contenders)
    : world_(world), contenders_(std::move(contenders)) {
  for (const auto& contender : contenders_) {
    runs_.push_back({.name = contender.name, .total = {}, .series = {}});
  }
}

SeriesResult Comparison::Play(const Series& series, std::size_t contender) const {
  return contenders_[contender].play(Fitted(world_, series), series);
}

std::vector<SeriesResult> Comparison::Play(const Series& series) const {
  std::vector<SeriesResult> results;
  for (std::size_t contender = 0; contender < contenders_.size(); ++contender) {
    results.push_back(Play(series, contender));
  }
  return results;
}

void Comparison::Add(const std::string& series, std::vector<SeriesResult> results) {
  series_.push_back(series);
  for (std::size_t run = 0; run < runs_.size(); ++run) {
    runs_[run].total += results[run];
    runs_[run].series.push_back(std::move(results[run]));
  }
}

std::vector<const RunResult*> Frontier(const std::vector<RunResult>& runs) {
  std::vector<const RunResult*> sorted;
  for (const auto& run : runs) {
    sorted.push_back(&run);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
    return left->total.total.pod_hours < right->total.total.pod_hours;
  });
  std::vector<const RunResult*> frontier;
  for (const auto* run : sorted) {
    if (frontier.empty() ||
        run->total.total.ExcessShare() < frontier.back()->total.total.ExcessShare()) {
      frontier.push_back(run);
    }
  }
  return frontier;
}

const RunResult& CheapestWithin(const std::vector<const RunResult*>& frontier, double share) {
  const auto found = std::find_if(frontier.begin(), frontier.end(), [&](const auto* run) {
    return run->total.total.ExcessShare() <= share;
  });
  return found == frontier.end() ? *frontier.back() : **found;
}

}  // namespace scaler::backtest

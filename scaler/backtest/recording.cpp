#include "scaler/backtest/recording.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "scaler/backtest/course.h"

namespace scaler::backtest {
namespace {

/// In which of `parts` the time is.
std::size_t PartOf(Duration elapsed, Duration length, std::size_t parts) {
  const auto part = static_cast<double>(elapsed.count()) / static_cast<double>(length.count());
  return std::min(parts - 1, static_cast<std::size_t>(part * static_cast<double>(parts)));
}

/// Of each slot of the time the largest change.
class Largest {
 public:
  explicit Largest(std::size_t slots) : slots_(slots) {}

  void Take(std::size_t slot, Change change) {
    auto& kept = slots_[slot];
    ++seen_;
    if (!kept || std::abs(change.to - change.from) > std::abs(kept->to - kept->from)) {
      kept = std::move(change);
    }
  }

  void Give(Recording& recording) {
    for (auto& slot : slots_) {
      if (slot) {
        recording.changes.push_back(std::move(*slot));
      }
    }
    recording.changes_left_out = seen_ - recording.changes.size();
  }

 private:
  std::vector<std::optional<Change>> slots_;
  std::size_t seen_ = 0;
};

void See(int ready, std::size_t from, std::size_t until, Recording& recording) {
  for (auto part = from; part < until; ++part) {
    auto& fewest = recording.fewest_ready[part];
    fewest = fewest < 0 ? ready : std::min(fewest, ready);
    recording.most_ready[part] = std::max(recording.most_ready[part], ready);
  }
}

}  // namespace

Recording Record(const World& world, const Series& series, Rule& rule, const Detail& detail) {
  Recording recording;
  recording.fewest_ready.assign(detail.parts, -1);
  recording.most_ready.assign(detail.parts, 0);
  Largest largest(detail.changes);
  Course course(world, series, rule.Delay(), rule.Begin(series.RateAt(Duration{})));
  const auto length = series.Length();
  std::size_t since = 0;
  int before = 0;
  while (!course.Over()) {
    const auto look = course.Next();
    const auto part = PartOf(look.elapsed, length, detail.parts);
    const auto answer = rule.Decide(look);
    if (answer.replicas != look.desired) {
      const auto* const why = rule.Why();
      largest.Take(PartOf(look.elapsed, length, detail.changes),
                   {look.now, look.desired, answer.replicas, look.rate,
                    why == nullptr ? std::nullopt : std::optional(*why)});
    }
    course.Act(answer);
    // Parts that were passed over were like the step before.
    See(before, since + 1, part, recording);
    before = course.Ready();
    See(before, part, part + 1, recording);
    since = part;
  }
  See(before, since + 1, detail.parts, recording);
  largest.Give(recording);
  return recording;
}

std::vector<double> HighestDemand(const Series& series, std::size_t parts) {
  std::vector<double> highest(parts, 0.0);
  const auto count = series.rates.size();
  for (std::size_t part = 0; part < parts && count > 0; ++part) {
    const auto from = part * count / parts;
    const auto until = std::max(from + 1, (part + 1) * count / parts);
    highest[part] = *std::max_element(series.rates.begin() + static_cast<std::ptrdiff_t>(from),
                                      series.rates.begin() + static_cast<std::ptrdiff_t>(until));
  }
  return highest;
}

}  // namespace scaler::backtest

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scaler/backtest/hpa_rule.h"
#include "scaler/backtest/peak_hold.h"
#include "scaler/backtest/policy_rule.h"
#include "scaler/backtest/result.h"
#include "scaler/backtest/series.h"

namespace scaler::backtest {

/// Somebody who plays a series from its beginning to its end, knowing of no other series. Any
/// thread.
struct Contender {
  std::string name;
  std::function<SeriesResult(const World&, const Series&)> play;
  /// The rule by which it plays; none for foresight.
  std::function<std::unique_ptr<Rule>(const World&, const Series&)> rule;
};

/// No step is longer than the samples of the history.
[[nodiscard]] World Fitted(World world, const Series& series);

/// `document` as from PlayableDocument.
[[nodiscard]] Contender PolicyContender(std::string name, policy::ScalingPolicy document);
[[nodiscard]] Contender HpaContender(std::string name, const HpaOptions& options);
[[nodiscard]] Contender StaticContender(int min);
/// Keeps what the highest demand so far needed: nobody who waits for demand before providing for it
/// has less in excess, whatever it costs.
[[nodiscard]] Contender FloorContender(int min);
/// `share` and `min` as in PlayOracle.
[[nodiscard]] Contender OracleContender(std::string name, double share, int min);
[[nodiscard]] Contender PeakHoldContender(const PeakHoldOptions& options);

/// What one contender came to, in all and for each series in their order.
struct RunResult {
  std::string name;
  SeriesResult total;
  std::vector<SeriesResult> series;
};

/// The same history for everybody, one series after the other, so that only results are kept.
class Comparison {
 public:
  Comparison(World world, std::vector<Contender> contenders);

  /// From now on a pod always finds room: where there are several series, they would share nodes.
  void LeaveOutNodes() { world_.nodes = false; }

  [[nodiscard]] const World& WorldUsed() const { return world_; }

  /// What one contender, by its place, makes of the series. Any thread.
  [[nodiscard]] SeriesResult Play(const Series& series, std::size_t contender) const;

  /// What each of them makes of it. Any thread.
  [[nodiscard]] std::vector<SeriesResult> Play(const Series& series) const;

  /// Takes what Play gave. Series are kept in the order in which they come.
  void Add(const std::string& series, std::vector<SeriesResult> results);

  [[nodiscard]] const std::vector<std::string>& SeriesNames() const { return series_; }
  [[nodiscard]] const std::vector<RunResult>& Runs() const { return runs_; }
  [[nodiscard]] std::vector<RunResult> TakeRuns() { return std::move(runs_); }

 private:
  World world_;
  std::vector<Contender> contenders_;
  std::vector<std::string> series_;
  std::vector<RunResult> runs_;
};

/// Those of `runs` that cost less than every other with no more excess, the cheapest first.
[[nodiscard]] std::vector<const RunResult*> Frontier(const std::vector<RunResult>& runs);

/// Of a frontier the cheapest with at most `share` of the requests in excess; where there is none,
/// the one with the least. Not of an empty one.
[[nodiscard]] const RunResult& CheapestWithin(const std::vector<const RunResult*>& frontier,
                                              double share);

}  // namespace scaler::backtest

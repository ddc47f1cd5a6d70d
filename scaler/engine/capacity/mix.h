#pragma once

#include <vector>

namespace scaler::engine::capacity {

/// One spot pool in one zone, as the mix sees it.
struct Place {
  int offer = 0;  ///< In World::offers.
  int have = 0;
  int most = 0;  ///< That can be had.
  double price = 0;
  double hazard = 0;          ///< Interruptions a second.
  double hopeful_hazard = 0;  ///< What it would be thought to be if a probe there lasted.
  double lost_share = 1;
  double gap = 0;          ///< Seconds without a node for each that is lost.
  bool may_probe = false;  ///< It is long enough since it was lost.
};

/// What a mix is to serve, and what it is weighed by.
struct MixTerms {
  int needed = 0;                ///< Nodes' worth of work that may run on spot.
  double dedicated_price = 0;    ///< Of an on-demand node, an hour.
  double coincidence = 0;        ///< See Coincidence.
  double most_shortfall = 0;     ///< See ShortfallToPlanFor.
  double hopeful_shortfall = 0;  ///< The same, if a probe lasted.
  int spare_dedicated = 0;       ///< On-demand nodes that are there and could stand in.
};

struct Mix {
  std::vector<int> nodes;  ///< Of each place.
  int stand_ins = 0;       ///< On-demand nodes.
  int survived = 0;        ///< Losses of places that leave enough.
  double shortfall = 0;    ///< Share of time that is to be expected.
  double cost = 0;
};

/// The nodes in each place, and the on-demand nodes that stand in for losses, that are cheapest
/// with their risk priced in.
[[nodiscard]] Mix BestMix(const std::vector<Place>& places, const MixTerms& terms);

/// Where the mix leaves spot out altogether, one node there all the same, which nothing counts on:
/// how long it lasts is the only way to learn that a place has become better. Only where that would
/// bring spot back, and in a place that may be probed.
void AddProbe(const std::vector<Place>& places, const MixTerms& terms, Mix& mix);

}  // namespace scaler::engine::capacity

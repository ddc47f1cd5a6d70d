#pragma once

#include <functional>
#include <vector>

#include "common/result.h"
#include "scaler/backtest/result.h"
#include "scaler/backtest/series.h"
#include "scaler/policy/scaling_group.h"
#include "scaler/policy/scaling_policy.h"

namespace scaler::backtest {

/// Plays a policy for many tenants at the same time under the caps of their groups, as the
/// scaler's loop shares them: at each step everybody decides, the caps are shared, and who gets
/// less than it would have decides again within its share.
///
/// A series is in a group whose selector matches its labels and those of the policy's target
/// together. Caps of CPU are not played: a history says nothing of requests for it. The results are
/// in the order of the series. invalid_argument where series do not begin together or have
/// different periods. `tell` is given the share that is done.
[[nodiscard]] common::Result<std::vector<SeriesResult>> PlayTogether(
    const World& world, const std::vector<Series>& series, const policy::ScalingPolicy& document,
    const std::vector<policy::ScalingGroup>& groups, const std::function<void(double)>& tell);

}  // namespace scaler::backtest

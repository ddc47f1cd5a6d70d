#include "scaler/policy/profile.h"

namespace scaler::policy {
namespace {

using engine::RateLimit;
using engine::SelectPolicy;
using namespace std::chrono_literals;

RateLimit PercentEach15s(int percent) {
  return {.kind = RateLimit::Kind::kPercent, .value = percent, .period = 15s};
}

}  // namespace

engine::Behavior FastBehavior() {
  return {
      .scale_up = {.stabilization_window = 0s, .select = SelectPolicy::kMax, .limits = {}},
      .scale_down = {.stabilization_window = 30s,
                     .select = SelectPolicy::kMax,
                     .limits = {PercentEach15s(100)}},
  };
}

engine::Behavior SteadyBehavior() {
  const RateLimit four_pods{.kind = RateLimit::Kind::kPods, .value = 4, .period = 15s};
  return {
      .scale_up = {.stabilization_window = 0s,
                   .select = SelectPolicy::kMax,
                   .limits = {PercentEach15s(100), four_pods}},
      .scale_down = {.stabilization_window = 300s,
                     .select = SelectPolicy::kMax,
                     .limits = {PercentEach15s(100)}},
  };
}

}  // namespace scaler::policy

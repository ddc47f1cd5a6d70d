#pragma once

#include "scaler/engine/policy.h"

namespace scaler::policy {

/// How a workload is scaled where its policy says nothing else.
enum class Profile {
  /// Up at once and without limit, as the wish to serve is worth more than a replica too many.
  /// Down when nothing has asked for more during 30 s, then by as much as is needed, every 15 s.
  /// With 15 s for the rate to settle and for the decision, a lasting fall to a tenth is followed
  /// down within 60 s; which needs an objective that holds nothing by itself, as it is by default.
  kFast,
  /// The behavior of HPA v2, for numbers that are found as `fast` finds them.
  kSteady,
  /// HPA v2: its behavior and its algorithm, number for number, and so without the guards that an
  /// HPA has not, unless the policy asks for them.
  kHpa,
};

///   scaleUp:   {stabilizationWindowSeconds: 0}
///   scaleDown: {stabilizationWindowSeconds: 30, policies: [{Percent, 100, 15 s}]}
[[nodiscard]] engine::Behavior FastBehavior();

/// The defaults of HPA v2. Up at once, by 4 pods or to twice as many each 15 s, whichever is
/// more; down when nothing has asked for more during five minutes.
///   scaleUp:   {stabilizationWindowSeconds: 0, selectPolicy: Max,
///               policies: [{Percent, 100, 15 s}, {Pods, 4, 15 s}]}
///   scaleDown: {stabilizationWindowSeconds: 300, policies: [{Percent, 100, 15 s}]}
[[nodiscard]] engine::Behavior SteadyBehavior();

[[nodiscard]] engine::Behavior BehaviorOf(Profile profile);

[[nodiscard]] engine::Algorithm AlgorithmOf(Profile profile);

/// Whether crash loops, roll-outs and flapping are guarded against where the policy does not say.
[[nodiscard]] bool GuardsByDefault(Profile profile);

/// Gives a policy that no signal asks for a number of replicas what its profile does then: hpa a
/// use of CPU of 80 % as HPA v2 does, the others the requests that a replica was seen to carry.
void AddDefaultSignal(Profile profile, engine::Signals& signals);

}  // namespace scaler::policy

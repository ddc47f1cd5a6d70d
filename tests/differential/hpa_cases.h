#pragma once

#include <boost/json/value.hpp>
#include <string>

/// Cases that tests/differential/hpa has written down with Kubernetes' own answers. Each function
/// asks the engine the same and says what differs; empty: nothing.
namespace differential {

/// One call of the ReplicaCalculator.
[[nodiscard]] std::string CompareCalculation(const boost::json::object& json);

/// The life of an HPA under the HorizontalController. With a behavior it is that of a policy with
/// Algorithm::kHpa; without, that of the engine's shadow of the HPA.
[[nodiscard]] std::string CompareRun(const boost::json::object& json);

}  // namespace differential

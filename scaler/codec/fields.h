#pragma once

#include "scaler/engine/decide.h"

/// The one description of which fields the engine's values have in JSON, for writing and for
/// reading alike: Fields(visitor, value) calls visitor(key, member) for each, in the order of the
/// output. Enums are written by name, durations as milliseconds, times as milliseconds since 1970.
namespace scaler::codec {

template <typename V, typename T>
void Fields(V& visit, engine::ReplicaBounds, T& value) {
  visit("min", value.min);
  visit("max", value.max);
}

template <typename V, typename T>
void Fields(V& visit, engine::RequestsSignal, T& value) {
  visit("per_replica_per_second", value.per_replica_per_second);
}

template <typename V, typename T>
void Fields(V& visit, engine::CpuSignal, T& value) {
  visit("utilization", value.utilization);
}

template <typename V, typename T>
void Fields(V& visit, engine::Idle, T& value) {
  visit("after_ms", value.after);
}

template <typename V, typename T>
void Fields(V& visit, engine::RateLimit, T& value) {
  visit("kind", value.kind);
  visit("value", value.value);
  visit("period_ms", value.period);
}

template <typename V, typename T>
void Fields(V& visit, const engine::ScalingRules&, T& value) {
  visit("stabilization_window_ms", value.stabilization_window);
  visit("select", value.select);
  visit("limits", value.limits);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Behavior&, T& value) {
  visit("scale_up", value.scale_up);
  visit("scale_down", value.scale_down);
}

template <typename V, typename T>
void Fields(V& visit, engine::Guards, T& value) {
  visit("stale_after_ms", value.stale_after);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Policy&, T& value) {
  visit("name", value.name);
  visit("replicas", value.replicas);
  visit("requests", value.requests);
  visit("cpu", value.cpu);
  visit("idle", value.idle);
  visit("tolerance", value.tolerance);
  visit("behavior", value.behavior);
  visit("guards", value.guards);
  visit("mode", value.mode);
}

template <typename V, typename T>
void Fields(V& visit, engine::Demand, T& value) {
  visit("arrivals_per_second", value.arrivals_per_second);
  visit("in_flight", value.in_flight);
  visit("queued", value.queued);
}

template <typename V, typename T>
void Fields(V& visit, engine::CpuUse, T& value) {
  visit("usage_cores", value.usage_cores);
  visit("request_cores", value.request_cores);
  visit("replicas", value.replicas);
}

template <typename V, typename S, typename T>
void Fields(V& visit, const engine::Sampled<S>&, T& value) {
  visit("value", value.value);
  visit("at_ms", value.at);
}

template <typename V, typename T>
void Fields(V& visit, const engine::LeftOut&, T& value) {
  visit("what", value.what);
  visit("why", value.why);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Observation&, T& value) {
  visit("now_ms", value.now);
  visit("desired_replicas", value.desired_replicas);
  visit("ready_replicas", value.ready_replicas);
  visit("demand", value.demand);
  visit("cpu", value.cpu);
  visit("frozen", value.frozen);
  visit("left_out", value.left_out);
}

template <typename V, typename T>
void Fields(V& visit, engine::TimedReplicas, T& value) {
  visit("at_ms", value.at);
  visit("replicas", value.replicas);
}

template <typename V, typename T>
void Fields(V& visit, const engine::State&, T& value) {
  visit("highest", value.highest);
  visit("lowest", value.lowest);
  visit("scaled_up", value.scaled_up);
  visit("scaled_down", value.scaled_down);
  visit("last_active_ms", value.last_active);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Recommendation&, T& value) {
  visit("signal", value.signal);
  visit("value", value.value);
  visit("target", value.target);
  visit("replicas", value.replicas);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Clamp&, T& value) {
  visit("rule", value.rule);
  visit("from", value.from);
  visit("to", value.to);
  visit("why", value.why);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Decision&, T& value) {
  visit("at_ms", value.at);
  visit("outcome", value.outcome);
  visit("current", value.current);
  visit("desired", value.desired);
  visit("recommendations", value.recommendations);
  visit("clamps", value.clamps);
  visit("left_out", value.left_out);
}

}  // namespace scaler::codec

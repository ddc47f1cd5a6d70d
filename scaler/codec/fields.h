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
void Fields(V& visit, engine::Objective, T& value) {
  visit("overload", value.overload);
  visit("hold_ms", value.hold);
  visit("learn_hold", value.learn_hold);
}

template <typename V, typename T>
void Fields(V& visit, const engine::RequestsSignal&, T& value) {
  visit("per_replica_per_second", value.per_replica_per_second);
}

template <typename V, typename T>
void Fields(V& visit, engine::CountSignal, T& value) {
  visit("per_replica", value.per_replica);
}

template <typename V, typename T>
void Fields(V& visit, engine::UtilizationSignal, T& value) {
  visit("utilization", value.utilization);
}

template <typename V, typename T>
void Fields(V& visit, const engine::ExternalSignal&, T& value) {
  visit("name", value.name);
  visit("kind", value.kind);
  visit("target", value.target);
  visit("query", value.query);
}

template <typename V, typename T>
void Fields(V& visit, engine::LatencyGuard, T& value) {
  visit("quantile", value.quantile);
  visit("below_ms", value.below);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Signals&, T& value) {
  visit("requests", value.requests);
  visit("in_flight", value.in_flight);
  visit("queued", value.queued);
  visit("cpu", value.cpu);
  visit("memory", value.memory);
  visit("latency", value.latency);
  visit("external", value.external);
}

template <typename V, typename T>
void Fields(V& visit, engine::Idle, T& value) {
  visit("after_ms", value.after);
  visit("keep_warm", value.keep_warm);
}

template <typename V, typename T>
void Fields(V& visit, const engine::ScheduledBounds&, T& value) {
  visit("name", value.name);
  visit("from_ms", value.from);
  visit("until_ms", value.until);
  visit("min", value.min);
  visit("max", value.max);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Forecast&, T& value) {
  visit("mode", value.mode);
  visit("seasons_ms", value.seasons);
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
void Fields(V& visit, engine::BlueGreen, T& value) {
  visit("hold_ms", value.hold);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Guards&, T& value) {
  visit("stale_after_ms", value.stale_after);
  visit("on_missing", value.on_missing);
  visit("fallback_replicas", value.fallback_replicas);
  visit("hold_in_crash_loop", value.hold_in_crash_loop);
  visit("ignore_unready_rollout", value.ignore_unready_rollout);
  visit("damp_flapping", value.damp_flapping);
  visit("blue_green", value.blue_green);
}

template <typename V, typename T>
void Fields(V& visit, engine::MemoryReaction, T& value) {
  visit("on_oom", value.on_oom);
  visit("max_bytes", value.max_bytes);
}

template <typename V, typename T>
void Fields(V& visit, engine::Placement, T& value) {
  visit("spot", value.spot);
  visit("min_replicas", value.min_replicas);
  visit("min_nodes", value.min_nodes);
  visit("min_zones", value.min_zones);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Policy&, T& value) {
  visit("name", value.name);
  visit("replicas", value.replicas);
  visit("algorithm", value.algorithm);
  visit("objective", value.objective);
  visit("signals", value.signals);
  visit("formula", value.formula);
  visit("idle", value.idle);
  visit("schedule", value.schedule);
  visit("forecast", value.forecast);
  visit("tolerance", value.tolerance);
  visit("behavior", value.behavior);
  visit("guards", value.guards);
  visit("memory", value.memory);
  visit("placement", value.placement);
  visit("mode", value.mode);
}

template <typename V, typename T>
void Fields(V& visit, engine::Demand, T& value) {
  visit("arrivals_per_second", value.arrivals_per_second);
  visit("in_flight", value.in_flight);
  visit("queued", value.queued);
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
void Fields(V& visit, const engine::ExternalValue&, T& value) {
  visit("name", value.name);
  visit("sample", value.sample);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Lead&, T& value) {
  visit("replica_ms", value.replica);
  visit("node_ms", value.node);
  visit("room", value.room);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Peer&, T& value) {
  visit("name", value.name);
  visit("desired_replicas", value.desired_replicas);
  visit("arrivals_per_second", value.arrivals_per_second);
  visit("serving_since_ms", value.serving_since);
  visit("we_serve", value.we_serve);
  visit("we_served_until_ms", value.we_served_until);
}

template <typename V, typename T>
void Fields(V& visit, const engine::GroupShare&, T& value) {
  visit("group", value.group);
  visit("replicas", value.replicas);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Pod&, T& value) {
  visit("name", value.name);
  visit("phase", value.phase);
  visit("ready", value.ready);
  visit("terminating", value.terminating);
  visit("owned", value.owned);
  visit("waits_for_restart", value.waits_for_restart);
  visit("started_ms", value.started);
  visit("ready_changed_ms", value.ready_changed);
  visit("revision", value.revision);
  visit("cpu_request_cores", value.cpu_request_cores);
  visit("memory_request_bytes", value.memory_request_bytes);
  visit("memory_limit_bytes", value.memory_limit_bytes);
  visit("cpu_cores", value.cpu_cores);
  visit("memory_bytes", value.memory_bytes);
  visit("restarts", value.restarts);
  visit("last_end", value.last_end);
  visit("last_end_at_ms", value.last_end_at);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Observation&, T& value) {
  visit("now_ms", value.now);
  visit("watched_since_ms", value.watched_since);
  visit("desired_replicas", value.desired_replicas);
  visit("ready_replicas", value.ready_replicas);
  visit("demand", value.demand);
  visit("latency_seconds", value.latency_seconds);
  visit("external", value.external);
  visit("pods", value.pods);
  visit("lead", value.lead);
  visit("peer", value.peer);
  visit("group", value.group);
  visit("frozen", value.frozen);
  visit("left_out", value.left_out);
}

template <typename V, typename T>
void Fields(V& visit, engine::TimedReplicas, T& value) {
  visit("at_ms", value.at);
  visit("replicas", value.replicas);
}

template <typename V, typename T>
void Fields(V& visit, engine::MemoryMemory, T& value) {
  visit("out_of_memory_at_ms", value.out_of_memory_at);
  visit("limit_then_bytes", value.limit_then_bytes);
  visit("advised_bytes", value.advised_bytes);
}

template <typename V, typename T>
void Fields(V& visit, const engine::HpaMemory&, T& value) {
  visit("replicas", value.replicas);
  visit("synced_at_ms", value.synced_at);
  visit("highest", value.highest);
}

template <typename V, typename T>
void Fields(V& visit, engine::DemandLevel, T& value) {
  visit("at_ms", value.at);
  visit("demand", value.demand);
}

template <typename V, typename T>
void Fields(V& visit, const engine::ForecastErrors::Trial&, T& value) {
  visit("at_ms", value.at);
  visit("until_ms", value.until);
  visit("demand", value.demand);
  visit("provided", value.room.provided);
  visit("unseasonal", value.room.unseasonal);
  visit("brief", value.room.brief);
  visit("held", value.room.held);
  visit("price", value.room.price);
  visit("seasonal", value.room.seasonal);
  visit("rows", value.rows);
}

template <typename V, typename T>
void Fields(V& visit, const engine::ForecastErrors&, T& value) {
  visit("trial", value.trial);
  visit("trials", value.trials);
  visit("reached", value.reached);
  visit("scale_trials", value.scale_trials);
  visit("scale_moves", value.scale_moves);
  visit("usual_move", value.usual_move);
}

template <typename V, typename T>
void Fields(V& visit, engine::Proof, T& value) {
  visit("began_ms", value.began);
  visit("gain", value.gain);
  visit("balance", value.balance);
  visit("wins", value.wins);
  visit("cycles", value.cycles);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Season&, T& value) {
  visit("length_ms", value.length);
  visit("peaks", value.peaks);
  visit("part_ms", value.part);
  visit("peak", value.peak);
  visit("before", value.before);
  visit("proof", value.proof);
}

template <typename V, typename T>
void Fields(V& visit, const engine::DemandMemory&, T& value) {
  visit("levels", value.levels);
  visit("errors", value.errors);
  visit("leniency", value.leniency);
  visit("account", value.account);
  visit("typical_demand", value.typical_demand);
  visit("hold", value.hold);
  visit("seasons", value.seasons);
}

template <typename V, typename T>
void Fields(V& visit, engine::LearnedCapacity, T& value) {
  visit("per_replica", value.per_replica);
  visit("proven", value.proven);
  visit("busy_ms", value.busy);
  visit("seen_ms", value.seen);
}

template <typename V, typename T>
void Fields(V& visit, const engine::IdleGaps&, T& value) {
  visit("last_visit_ms", value.last_visit);
  visit("visited", value.visited);
  visit("count", value.count);
  visit("weights", value.weights);
  visit("return_demand", value.return_demand);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Serving&, T& value) {
  visit("since_ms", value.since);
  visit("until_ms", value.until);
}

template <typename V, typename T>
void Fields(V& visit, const engine::State&, T& value) {
  visit("highest", value.highest);
  visit("lowest", value.lowest);
  visit("scaled_up", value.scaled_up);
  visit("scaled_down", value.scaled_down);
  visit("last_active_ms", value.last_active);
  visit("reversals", value.reversals);
  visit("last_direction", value.last_direction);
  visit("raised_ms", value.raised);
  visit("memory", value.memory);
  visit("hpa", value.hpa);
  visit("demand", value.demand);
  visit("capacity", value.capacity);
  visit("gaps", value.gaps);
  visit("serving", value.serving);
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
  visit("amount", value.amount);
  visit("detail", value.detail);
}

template <typename V, typename T>
void Fields(V& visit, engine::MemoryAdvice, T& value) {
  visit("limit_bytes", value.limit_bytes);
  visit("apply", value.apply);
}

template <typename V, typename T>
void Fields(V& visit, engine::SeasonalNeed, T& value) {
  visit("season_ms", value.season);
  visit("demand", value.demand);
  visit("replicas", value.replicas);
  visit("used", value.used);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Headroom&, T& value) {
  visit("demand", value.demand);
  visit("reactive", value.reactive);
  visit("replicas", value.replicas);
  visit("chance", value.chance);
  visit("move", value.move);
  visit("lead_ms", value.lead);
  visit("node", value.node);
  visit("last_as_high_ms", value.last_as_high);
  visit("unheld", value.unheld);
  visit("season", value.season);
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
  visit("hpa", value.hpa);
  visit("memory", value.memory);
  visit("headroom", value.headroom);
}

}  // namespace scaler::codec

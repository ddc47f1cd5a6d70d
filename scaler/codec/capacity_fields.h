#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "scaler/codec/enum_names.h"
#include "scaler/codec/fields.h"
#include "scaler/engine/capacity/decide.h"

/// The names of the enums of decisions about nodes. In the namespace of the enums, where readers
/// and writers find them whatever was included first.
namespace scaler::engine::capacity {

[[nodiscard]] const codec::Names<CapacityType>& NamesOf(CapacityType);
[[nodiscard]] const codec::Names<Spare::By>& NamesOf(Spare::By);
[[nodiscard]] const codec::Names<Event::Kind>& NamesOf(Event::Kind);
[[nodiscard]] const codec::Names<Action::Kind>& NamesOf(Action::Kind);
[[nodiscard]] const codec::Names<Reason>& NamesOf(Reason);
[[nodiscard]] const codec::Names<Limit>& NamesOf(Limit);

}  // namespace scaler::engine::capacity

/// As fields.h, for decisions about nodes.
namespace scaler::codec {

namespace capacity = engine::capacity;

template <typename V, typename T>
void Fields(V& visit, const capacity::Label&, T& value) {
  visit("key", value.key);
  visit("value", value.value);
}

/// The provider's map of keys that only it knows is a list of labels in JSON.
template <typename V, typename T>
void Fields(V& visit, const capacity::Pool&, T& value) {
  visit("name", value.name);
  visit("type", value.type);
  visit("min_nodes", value.min_nodes);
  visit("max_nodes", value.max_nodes);
  std::vector<capacity::Label> provider;
  if constexpr (std::is_const_v<T>) {
    for (const auto& [key, text] : value.provider) {
      provider.push_back({key, text});
    }
    visit("provider", provider);
  } else {
    visit("provider", provider);
    for (const auto& [key, text] : provider) {
      value.provider.emplace(key, text);
    }
  }
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Shape&, T& value) {
  visit("name", value.name);
  visit("cpu_cores", value.cpu_cores);
  visit("memory_bytes", value.memory_bytes);
  visit("count", value.count);
}

template <typename V, typename T>
void Fields(V& visit, capacity::Survive, T& value) {
  visit("per_zone", value.per_zone);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::ScheduledSpare&, T& value) {
  visit("name", value.name);
  visit("from_ms", value.from);
  visit("until_ms", value.until);
  visit("factor", value.factor);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Spare&, T& value) {
  visit("survive", value.survive);
  visit("shapes", value.shapes);
  visit("schedule", value.schedule);
  visit("by", value.by);
}

template <typename V, typename T>
void Fields(V& visit, capacity::SpotRules, T& value) {
  visit("share", value.share);
  visit("min_dedicated_nodes", value.min_dedicated_nodes);
  visit("fallback_after_ms", value.fallback_after);
  visit("return_after_ms", value.return_after);
}

template <typename V, typename T>
void Fields(V& visit, capacity::Disruption, T& value) {
  visit("nodes_at_once", value.nodes_at_once);
  visit("nodes_per_hour", value.nodes_per_hour);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::CapacityPolicy&, T& value) {
  visit("name", value.name);
  visit("pools", value.pools);
  visit("spare", value.spare);
  visit("spot", value.spot);
  visit("disruption", value.disruption);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::NodeKind&, T& value) {
  visit("cpu_cores", value.cpu_cores);
  visit("memory_bytes", value.memory_bytes);
  visit("pods", value.pods);
  visit("labels", value.labels);
  visit("taints", value.taints);
  visit("price_per_hour", value.price_per_hour);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Node&, T& value) {
  visit("name", value.name);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("type", value.type);
  visit("kind", value.kind);
  visit("ready", value.ready);
  visit("cordoned", value.cordoned);
  visit("draining", value.draining);
  visit("unwanted", value.unwanted);
  visit("booting_since_ms", value.booting_since);
  visit("notice_until_ms", value.notice_until);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Workload&, T& value) {
  visit("name", value.name);
  visit("cpu_cores", value.cpu_cores);
  visit("memory_bytes", value.memory_bytes);
  visit("spot", value.spot);
  visit("min_nodes", value.min_nodes);
  visit("min_zones", value.min_zones);
  visit("selector", value.selector);
  visit("tolerations", value.tolerations);
  visit("daemon", value.daemon);
  visit("movable", value.movable);
  visit("disruptions_allowed", value.disruptions_allowed);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Pod&, T& value) {
  visit("name", value.name);
  visit("workload", value.workload);
  visit("node", value.node);
  visit("leaving", value.leaving);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Offer&, T& value) {
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("kind", value.kind);
  visit("ordered", value.ordered);
  visit("ordered_since_ms", value.ordered_since);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Event&, T& value) {
  visit("at_ms", value.at);
  visit("kind", value.kind);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("nodes", value.nodes);
  visit("seconds", value.seconds);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::CapacityObservation&, T& value) {
  visit("now_ms", value.now);
  visit("nodes", value.nodes);
  visit("workloads", value.workloads);
  visit("pods", value.pods);
  visit("offers", value.offers);
  visit("events", value.events);
  visit("frozen", value.frozen);
}

/// What is known of places, as columns: their names once and not a hundred times keeps a state
/// short.
struct PlaceColumns {
  std::vector<std::string> pool;
  std::vector<std::string> zone;
  std::vector<engine::Duration> exposure;
  std::vector<double> interruptions;
  std::vector<double> lost_share;
  std::vector<double> lead_seconds;
  std::vector<double> lead_deviation;
  std::vector<double> notice_seconds;
  std::vector<int> failures;
  std::vector<int> quota;
  std::vector<std::optional<engine::Time>> refused_at;
  std::vector<std::optional<engine::Time>> available_since;
  std::vector<std::optional<engine::Time>> interrupted_at;

  PlaceColumns() = default;

  explicit PlaceColumns(const std::vector<capacity::PlaceMemory>& places) {
    for (const auto& place : places) {
      pool.push_back(place.pool);
      zone.push_back(place.zone);
      exposure.push_back(place.exposure);
      interruptions.push_back(place.interruptions);
      lost_share.push_back(place.lost_share);
      lead_seconds.push_back(place.lead_seconds);
      lead_deviation.push_back(place.lead_deviation);
      notice_seconds.push_back(place.notice_seconds);
      failures.push_back(place.failures);
      quota.push_back(place.quota ? 1 : 0);
      refused_at.push_back(place.refused_at);
      available_since.push_back(place.available_since);
      interrupted_at.push_back(place.interrupted_at);
    }
  }

  /// As many as all columns have; a column that is too short ends the list.
  [[nodiscard]] std::vector<capacity::PlaceMemory> Places() const {
    const auto rows = std::min({pool.size(), zone.size(), exposure.size(), interruptions.size(),
                                lost_share.size(), lead_seconds.size(), lead_deviation.size(),
                                notice_seconds.size(), failures.size(), quota.size(),
                                refused_at.size(), available_since.size(), interrupted_at.size()});
    std::vector<capacity::PlaceMemory> places(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      auto& place = places[i];
      place.pool = pool[i];
      place.zone = zone[i];
      place.exposure = exposure[i];
      place.interruptions = interruptions[i];
      place.lost_share = lost_share[i];
      place.lead_seconds = lead_seconds[i];
      place.lead_deviation = lead_deviation[i];
      place.notice_seconds = notice_seconds[i];
      place.failures = failures[i];
      place.quota = quota[i] != 0;
      place.refused_at = refused_at[i];
      place.available_since = available_since[i];
      place.interrupted_at = interrupted_at[i];
    }
    return places;
  }
};

template <typename V, typename T>
void Fields(V& visit, const PlaceColumns&, T& value) {
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("exposure_ms", value.exposure);
  visit("interruptions", value.interruptions);
  visit("lost_share", value.lost_share);
  visit("lead_seconds", value.lead_seconds);
  visit("lead_deviation", value.lead_deviation);
  visit("notice_seconds", value.notice_seconds);
  visit("failures", value.failures);
  visit("quota", value.quota);
  visit("refused_at_ms", value.refused_at);
  visit("available_since_ms", value.available_since);
  visit("interrupted_at_ms", value.interrupted_at);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::TimedNodes&, T& value) {
  visit("at_ms", value.at);
  visit("nodes", value.nodes);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::UnneededNode&, T& value) {
  visit("name", value.name);
  visit("since_ms", value.since);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::FailedDrain&, T& value) {
  visit("name", value.name);
  visit("at_ms", value.at);
  visit("situation", value.situation);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::CapacityState&, T& value) {
  visit("seen_until_ms", value.seen_until);
  visit("faded_at_ms", value.faded_at);
  if constexpr (std::is_const_v<T>) {
    visit("places", PlaceColumns(value.places));
  } else {
    PlaceColumns columns;
    visit("places", columns);
    value.places = columns.Places();
  }
  visit("watched_ms", value.watched);
  visit("short_of_nodes_ms", value.short_of_nodes);
  visit("was_short", value.was_short);
  visit("watching", value.watching);
  visit("zone_losses", value.zone_losses);
  visit("coinciding_losses", value.coinciding_losses);
  visit("added_at_ms", value.added_at);
  visit("drained", value.drained);
  visit("unneeded", value.unneeded);
  visit("failed_drains", value.failed_drains);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Action&, T& value) {
  visit("kind", value.kind);
  visit("reason", value.reason);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("node", value.node);
  visit("nodes", value.nodes);
  visit("deadline_ms", value.deadline);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::CapacityClamp&, T& value) {
  visit("limit", value.limit);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("node", value.node);
  visit("nodes", value.nodes);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Unplaced&, T& value) {
  visit("what", value.what);
  visit("pods", value.pods);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::PlaceNodes&, T& value) {
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("nodes", value.nodes);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::SpareVerdict&, T& value) {
  visit("what", value.what);
  visit("holds", value.holds);
  visit("on_its_way", value.on_its_way);
  visit("missing", value.missing);
  visit("ordered", value.ordered);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::Placeholder&, T& value) {
  visit("name", value.name);
  visit("zone", value.zone);
  visit("cpu_cores", value.cpu_cores);
  visit("memory_bytes", value.memory_bytes);
  visit("tolerations", value.tolerations);
  visit("pods", value.pods);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::SpotPlace&, T& value) {
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("nodes", value.nodes);
  visit("target", value.target);
  visit("interruptions_per_hour", value.interruptions_per_hour);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::SpotPlan&, T& value) {
  visit("needed", value.needed);
  visit("must_be_dedicated", value.must_be_dedicated);
  visit("dedicated_target", value.dedicated_target);
  visit("stand_ins", value.stand_ins);
  visit("losses_survived", value.losses_survived);
  visit("expected_shortfall", value.expected_shortfall);
  visit("gap_seconds", value.gap_seconds);
  visit("places", value.places);
}

template <typename V, typename T>
void Fields(V& visit, const capacity::CapacityDecision&, T& value) {
  visit("at_ms", value.at);
  visit("actions", value.actions);
  visit("clamps", value.clamps);
  visit("waiting", value.waiting);
  visit("spare", value.spare);
  visit("placeholders", value.placeholders);
  visit("spot", value.spot);
  visit("left_out", value.left_out);
}

}  // namespace scaler::codec

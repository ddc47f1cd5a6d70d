#include "scaler/web/capacity_json.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>

#include "common/json_writer.h"
#include "scaler/codec/capacity.h"
#include "scaler/web/node_state.h"
#include "scaler/web/spot_share.h"

namespace scaler::web {
namespace {

using common::JsonWriter;
using engine::capacity::CapacityDecision;
using engine::capacity::Node;
using engine::capacity::Unplaced;
using fleet::FleetStatus;

double Seconds(engine::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// What pods take of a node.
struct Load {
  int pods = 0;
  double cpu_cores = 0;
  double memory_bytes = 0;
};

std::map<std::string_view, Load> LoadsOf(const FleetStatus& status) {
  std::map<std::string_view, const engine::capacity::Workload*> workloads;
  for (const auto& workload : status.observation->workloads) {
    workloads.emplace(workload.name, &workload);
  }
  std::map<std::string_view, Load> loads;
  for (const auto& pod : status.observation->pods) {
    auto& load = loads[pod.node];
    ++load.pods;
    if (const auto found = workloads.find(pod.workload); found != workloads.end()) {
      load.cpu_cores += found->second->cpu_cores;
      load.memory_bytes += found->second->memory_bytes;
    }
  }
  return loads;
}

void WriteNode(JsonWriter& json, const Node& node, const Load& load, const FleetStatus& status) {
  json.BeginObject();
  json.Key("name").String(node.name);
  json.Key("pool").String(node.pool);
  json.Key("zone").String(node.zone);
  json.Key("capacity_type").String(TypeName(node.type));
  json.Key("state").String(StateOf(node));
  json.Key("price_per_hour").Double(node.kind.price_per_hour);
  json.Key("age_seconds");
  const auto born = status.born.find(node.name);
  born == status.born.end() ? json.Null() : json.Double(Seconds(status.now - born->second));
  json.Key("pods").Integer(load.pods);
  json.Key("cpu_cores").Double(node.kind.cpu_cores);
  json.Key("cpu_requested_cores").Double(load.cpu_cores);
  json.Key("memory_bytes").Double(node.kind.memory_bytes);
  json.Key("memory_requested_bytes").Double(load.memory_bytes);
  json.Key("notice_seconds");
  node.notice_until ? json.Double(Seconds(*node.notice_until - status.now)) : json.Null();
  const auto& unwanted = status.unwanted;
  json.Key("unwanted")
      .Bool(std::find(unwanted.begin(), unwanted.end(), node.name) != unwanted.end());
  json.EndObject();
}

void WriteNodes(JsonWriter& json, const FleetStatus& status) {
  json.Key("nodes").BeginArray();
  if (status.observation) {
    const auto loads = LoadsOf(status);
    for (const auto& node : status.observation->nodes) {
      const auto found = loads.find(node.name);
      WriteNode(json, node, found == loads.end() ? Load() : found->second, status);
    }
  }
  json.EndArray();
}

void WritePool(JsonWriter& json, const engine::capacity::Pool& pool, const FleetStatus& status) {
  json.BeginObject();
  json.Key("name").String(pool.name);
  json.Key("capacity_type").String(TypeName(pool.type));
  json.Key("min_nodes").Integer(pool.min_nodes);
  json.Key("max_nodes").Integer(pool.max_nodes);
  json.Key("zones").BeginArray();
  for (const auto& offer : status.observation->offers) {
    if (offer.pool != pool.name) {
      continue;
    }
    json.BeginObject();
    json.Key("zone").String(offer.zone);
    json.Key("ordered").Integer(offer.ordered);
    for (const auto* state : kNodeStates) {
      const auto& nodes = status.observation->nodes;
      json.Key(state).Integer(std::count_if(nodes.begin(), nodes.end(), [&](const Node& node) {
        return node.pool == pool.name && node.zone == offer.zone &&
               std::string_view(StateOf(node)) == state;
      }));
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteUnplaced(JsonWriter& json, const std::vector<Unplaced>& unplaced) {
  json.BeginArray();
  for (const auto& each : unplaced) {
    json.BeginObject();
    json.Key("what").String(each.what);
    json.Key("pods").Integer(each.pods);
    json.EndObject();
  }
  json.EndArray();
}

void WriteSpare(JsonWriter& json, const CapacityDecision& decision) {
  json.BeginArray();
  for (const auto& verdict : decision.spare) {
    json.BeginObject();
    json.Key("what").String(verdict.what);
    json.Key("holds").Bool(verdict.holds);
    json.Key("on_its_way").Bool(verdict.on_its_way);
    json.Key("missing");
    WriteUnplaced(json, verdict.missing);
    json.Key("sentence").String(Sentence(verdict));
    json.EndObject();
  }
  json.EndArray();
}

void WriteSpot(JsonWriter& json, const FleetStatus& status) {
  if (!status.policy || !status.policy->spot || !status.decision->spot) {
    json.Null();
    return;
  }
  const auto& plan = *status.decision->spot;
  json.BeginObject();
  json.Key("share").Double(SpotShareOf(status));
  json.Key("policy_share").Double(status.policy->spot->share);
  json.Key("dedicated_target").Integer(plan.dedicated_target);
  json.Key("stand_ins").Integer(plan.stand_ins);
  json.Key("places").BeginArray();
  for (const auto& place : plan.places) {
    json.BeginObject();
    json.Key("pool").String(place.pool);
    json.Key("zone").String(place.zone);
    json.Key("nodes").Integer(place.nodes);
    json.Key("target").Integer(place.target);
    json.Key("interruptions_per_hour").Double(place.interruptions_per_hour);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteSentences(JsonWriter& json, const CapacityDecision& decision, engine::Time now) {
  json.BeginObject();
  json.Key("age_seconds").Double(Seconds(now - decision.at));
  json.Key("actions").BeginArray();
  for (const auto& action : decision.actions) {
    json.String(Sentence(action));
  }
  json.EndArray();
  json.Key("limits").BeginArray();
  for (const auto& clamp : decision.clamps) {
    json.String(Sentence(clamp));
  }
  json.EndArray().EndObject();
}

void WriteKept(JsonWriter& json, const FleetStatus& status) {
  json.Key("placeholders").BeginArray();
  for (const auto& room : status.kept) {
    json.BeginObject();
    json.Key("name").String(room.name);
    json.Key("wanted").Integer(room.wanted);
    json.Key("running").Integer(room.running);
    json.Key("problem").String(room.problem);
    json.EndObject();
  }
  json.EndArray();
}

void WriteHeld(JsonWriter& json, const FleetStatus& status) {
  json.Key("held").BeginArray();
  for (const auto& pod : status.held) {
    json.BeginObject();
    json.Key("pod").String(pod.pod);
    json.Key("node").String(pod.node);
    json.Key("why").String(pod.why);
    json.EndObject();
  }
  json.EndArray();
}

void WriteWaiting(JsonWriter& json, const FleetStatus& status) {
  json.Key("pending").BeginArray();
  for (const auto& pod : status.pending) {
    json.BeginObject();
    json.Key("replica").String(pod.name);
    json.Key("workload").String(ToString(pod.workload));
    json.Key("why").String(pod.pending);
    json.EndObject();
  }
  json.EndArray();
  json.Key("orders").BeginArray();
  for (const auto& order : status.orders) {
    json.BeginObject();
    json.Key("pool").String(order.pool);
    json.Key("zone").String(order.zone);
    json.Key("nodes").Integer(order.nodes);
    json.Key("taken").Bool(order.taken);
    json.Key("age_seconds").Double(Seconds(status.now - order.at));
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string CapacityJson(const FleetStatus& status) {
  JsonWriter json;
  json.BeginObject();
  json.Key("policy");
  status.policy ? json.String(status.policy->name) : json.Null();
  json.Key("provider_problem").String(status.provider_problem);
  json.Key("decision_seconds").Double(status.decision_seconds);
  json.Key("pools").BeginArray();
  if (status.policy && status.observation) {
    for (const auto& pool : status.policy->pools) {
      WritePool(json, pool, status);
    }
  }
  json.EndArray();
  WriteNodes(json, status);
  WriteWaiting(json, status);
  WriteKept(json, status);
  WriteHeld(json, status);
  if (status.decision && status.observation) {
    json.Key("spare");
    WriteSpare(json, *status.decision);
    json.Key("spot");
    WriteSpot(json, status);
    json.Key("now");
    WriteSentences(json, *status.decision, status.now);
  }
  if (status.change) {
    json.Key("last_change");
    WriteSentences(json, *status.change, status.now);
  }
  json.EndObject();
  return json.Take();
}

std::string CapacityDecisionsJson(const std::vector<ledger::CapacityEntry>& entries) {
  JsonWriter json;
  json.BeginObject().Key("decisions").BeginArray();
  for (const auto& entry : entries) {
    json.BeginObject();
    json.Key("id").Integer(entry.id);
    json.Key("time").String(common::FormatRfc3339(entry.committed_at));
    json.Key("time_ms").Integer(entry.committed_at.time_since_epoch().count());
    json.Key("committed_monotonic_ns")
        .Integer(entry.committed_monotonic.time_since_epoch().count());
    json.Key("line").Raw(codec::EncodeCapacityLine(entry.line));
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace scaler::web

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "common/json_writer.h"
#include "common/version.h"
#include "scaler/codec/codec.h"
#include "scaler/web/api.h"

namespace scaler::web {
namespace {

using common::JsonWriter;
using loop::Status;
using loop::WorkloadStatus;

double SecondsBetween(auto earlier, auto later) {
  return std::chrono::duration<double>(later - earlier).count();
}

const char* PhaseName(platform::Phase phase) {
  switch (phase) {
    case platform::Phase::kStarting:
      return "starting";
    case platform::Phase::kReady:
      return "ready";
    case platform::Phase::kBackOff:
      return "back_off";
    case platform::Phase::kDraining:
      return "draining";
  }
  return "unknown";
}

void WriteReplica(JsonWriter& json, const platform::Replica& replica, common::WallTime now) {
  json.BeginObject();
  json.Key("id").String(replica.id);
  json.Key("phase").String(PhaseName(replica.phase));
  json.Key("phase_seconds").Double(std::max(0.0, SecondsBetween(replica.since, now)));
  json.Key("restarts").Integer(replica.restarts);
  json.Key("address").String(replica.address);
  json.EndObject();
}

/// The recommendation that won, in a few words.
std::string SignalText(const WorkloadStatus& status) {
  if (!status.decision) {
    return "";
  }
  const auto& all = status.decision->recommendations;
  const auto largest = std::max_element(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a.replicas < b.replicas; });
  if (largest == all.end()) {
    return status.decision->left_out.empty() ? ""
                                             : status.decision->left_out.front().what + ": " +
                                                   status.decision->left_out.front().why;
  }
  const auto one_decimal = [](double value) {
    const auto tenths = std::to_string(std::llround(value * 10));
    return tenths.size() == 1 ? "0." + tenths
                              : tenths.substr(0, tenths.size() - 1) + "." + tenths.back();
  };
  if (largest->signal == "cpu") {
    return "cpu " + one_decimal(largest->value * 100) + "% of " +
           one_decimal(largest->target * 100) + "%";
  }
  const std::string unit = largest->signal == "requests" ? "/s" : "";
  return largest->signal + " " + one_decimal(largest->value) + unit + " at " +
         one_decimal(largest->target) + unit;
}

void WriteDecision(JsonWriter& json, const std::shared_ptr<const engine::Decision>& decision,
                   engine::Time now) {
  if (!decision) {
    json.Null();
    return;
  }
  json.BeginObject();
  json.Key("outcome").String(engine::OutcomeName(decision->outcome));
  json.Key("from").Integer(decision->current);
  json.Key("to").Integer(decision->desired);
  json.Key("age_seconds").Double(SecondsBetween(decision->at, now));
  json.Key("decision").Raw(codec::EncodeDecision(*decision));
  json.EndObject();
}

void WriteWorkload(JsonWriter& json, const WorkloadStatus& status, const Status& all) {
  const auto& replicas = status.workload->replicas;
  json.BeginObject();
  json.Key("namespace").String(status.workload->id.name_space);
  json.Key("name").String(status.workload->id.name);
  json.Key("desired").Integer(status.workload->desired);
  json.Key("ready").Integer(
      std::count_if(replicas.begin(), replicas.end(),
                    [](const auto& replica) { return replica.phase == platform::Phase::kReady; }));
  json.Key("policy").String(status.policy);
  json.Key("tenant").String(status.tenant);
  json.Key("signal").String(SignalText(status));
  json.Key("problem").String(status.problem.empty() ? status.workload->problem : status.problem);
  json.Key("last_decision");
  WriteDecision(json, status.change, all.now);
  json.Key("replicas").BeginArray();
  for (const auto& replica : replicas) {
    WriteReplica(json, replica, all.wall);
  }
  json.EndArray().EndObject();
}

void WriteGroup(JsonWriter& json, const loop::GroupStatus& status) {
  const auto& group = status.group;
  json.BeginObject();
  json.Key("name").String(group.name);
  json.Key("wanted_replicas").Integer(status.wanted);
  json.Key("granted_replicas").Integer(status.granted);
  json.Key("max_replicas");
  group.max_replicas ? json.Integer(*group.max_replicas) : json.Null();
  json.Key("granted_cpu_cores").Double(status.cpu_cores);
  json.Key("max_cpu_cores");
  group.max_cpu_cores ? json.Double(*group.max_cpu_cores) : json.Null();
  json.EndObject();
}

void WriteAgent(JsonWriter& json, const signals::AgentStatus& agent, const Status& all) {
  json.BeginObject();
  json.Key("address").String(agent.address);
  json.Key("name").String(agent.name);
  json.Key("connected").Bool(agent.connected);
  json.Key("problem").String(agent.problem);
  json.Key("age_seconds");
  if (agent.heard_at) {
    json.Double(SecondsBetween(*agent.heard_at, all.monotonic));
  } else {
    json.Null();
  }
  json.EndObject();
}

void WriteExternal(JsonWriter& json, const Status& all) {
  if (!all.external) {
    json.Null();
    return;
  }
  const auto& external = *all.external;
  json.BeginObject();
  json.Key("address").String(external.source);
  json.Key("queries").Integer(static_cast<std::int64_t>(external.queries));
  json.Key("failing").Integer(static_cast<std::int64_t>(external.failing));
  json.Key("problem").String(external.problem);
  json.Key("age_seconds");
  if (external.answered_at) {
    json.Double(SecondsBetween(*external.answered_at, all.monotonic));
  } else {
    json.Null();
  }
  json.EndObject();
}

void WriteLeadership(JsonWriter& json, const Status& all) {
  if (!all.leadership) {
    json.Null();
    return;
  }
  const auto& leadership = *all.leadership;
  json.BeginObject();
  json.Key("leads").Bool(leadership.leads);
  json.Key("self").String(leadership.self);
  json.Key("leader").String(leadership.leader);
  json.Key("transitions").Integer(leadership.transitions);
  json.Key("problem").String(leadership.problem);
  json.EndObject();
}

}  // namespace

std::string StatusJson(const Status& status) {
  JsonWriter json;
  json.BeginObject();
  json.Key("version").String(common::kVersion);
  json.Key("time").String(common::FormatRfc3339(status.wall));
  json.Key("freeze");
  if (status.freeze) {
    json.BeginObject();
    json.Key("reason").String(status.freeze->reason);
    json.Key("since").String(common::FormatRfc3339(status.freeze->since));
    json.EndObject();
  } else {
    json.Null();
  }
  json.Key("leadership");
  WriteLeadership(json, status);
  json.Key("workloads").BeginArray();
  for (const auto& workload : status.workloads) {
    WriteWorkload(json, workload, status);
  }
  json.EndArray();
  json.Key("groups").BeginArray();
  for (const auto& group : status.groups) {
    WriteGroup(json, group);
  }
  json.EndArray();
  json.Key("agents").BeginArray();
  for (const auto& agent : status.agents) {
    WriteAgent(json, agent, status);
  }
  json.EndArray();
  json.Key("prometheus");
  WriteExternal(json, status);
  json.Key("problems").BeginArray();
  for (const auto& problem : status.problems) {
    json.String(problem);
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace scaler::web

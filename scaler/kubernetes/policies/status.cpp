#include "scaler/kubernetes/policies/status.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>

#include "common/json_writer.h"

namespace scaler::kubernetes::policies {
namespace {

namespace dom = simdjson::dom;
using common::JsonWriter;

template <typename Whole>
void WriteNumber(const char* key, const std::optional<Whole>& number, JsonWriter& json) {
  json.Key(key);
  number ? json.Integer(*number) : json.Null();
}

void WriteCondition(const Condition& condition, std::int64_t generation, const std::string& at,
                    JsonWriter& json) {
  json.BeginObject().Key("type").String(condition.type);
  json.Key("status").String(condition.status);
  json.Key("reason").String(condition.reason);
  json.Key("message").String(condition.message);
  json.Key("observedGeneration").Integer(generation);
  json.Key("lastTransitionTime").String(at).EndObject();
}

void WriteDecision(const std::optional<LastDecision>& last, JsonWriter& json) {
  json.Key("lastDecision");
  if (!last) {
    json.Null();
    return;
  }
  json.BeginObject().Key("time").String(last->time);
  json.Key("workload");
  last->workload.empty() ? json.Null() : json.String(last->workload);
  json.Key("outcome").String(last->outcome);
  WriteNumber("from", last->from, json);
  WriteNumber("to", last->to, json);
  json.Key("why").String(last->why).EndObject();
}

/// A key without a value is null: a merge patch takes it away.
std::string WriteStatus(const ObjectStatus& status, const Transitions& times) {
  JsonWriter json;
  json.BeginObject().Key("observedGeneration").Integer(status.observed_generation);
  for (const auto& [key, text] : {std::pair("target", &status.target), {"mode", &status.mode}}) {
    json.Key(key);
    text->empty() ? json.Null() : json.String(*text);
  }
  WriteNumber("workloads", status.workloads, json);
  WriteNumber("current", status.current, json);
  WriteNumber("desired", status.desired, json);
  json.Key("conditions").BeginArray();
  for (const auto& condition : status.conditions) {
    const auto found = times.find(condition.type);
    WriteCondition(condition, status.observed_generation,
                   found == times.end() ? "" : found->second.at, json);
  }
  json.EndArray();
  WriteDecision(status.last_decision, json);
  json.Key("problems");
  if (status.problems.empty()) {
    json.Null();
  } else {
    json.BeginArray();
    for (const auto& problem : status.problems) {
      json.String(problem);
    }
    json.EndArray();
  }
  return json.EndObject().Take();
}

std::string Text(dom::element object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<std::int64_t> Number(dom::element object, const char* key) {
  std::int64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

std::optional<int> Small(dom::element object, const char* key) {
  const auto number = Number(object, key);
  return number ? std::optional(static_cast<int>(std::clamp<std::int64_t>(*number, -1, 1'000'000)))
                : std::nullopt;
}

void ReadConditions(dom::element top, ObjectStatus& status, Transitions& times) {
  dom::array conditions;
  if (top["conditions"].get(conditions) != simdjson::SUCCESS) {
    return;
  }
  for (const auto one : conditions) {
    Condition condition{Text(one, "type"), Text(one, "status"), Text(one, "reason"),
                        Text(one, "message")};
    times[condition.type] = {condition.status, Text(one, "lastTransitionTime")};
    status.conditions.push_back(std::move(condition));
  }
}

}  // namespace

std::size_t FingerprintOf(const ObjectStatus& status) {
  const auto hash = std::hash<std::string>()(WriteStatus(status, {}));
  return hash == 0 ? 1 : hash;
}

std::string Pack(const Transitions& transitions) {
  std::string packed;
  const auto is_word = [](const std::string& text) {
    return !text.empty() && text.find_first_of(" \n") == std::string::npos;
  };
  for (const auto& [type, transition] : transitions) {
    if (is_word(type) && is_word(transition.status) && is_word(transition.at)) {
      packed += type + ' ' + transition.status + ' ' + transition.at + '\n';
    }
  }
  packed.shrink_to_fit();
  return packed;
}

Transitions Unpack(std::string_view packed) {
  Transitions transitions;
  const auto next = [&](char end) {
    const auto word = packed.substr(0, packed.find(end));
    packed.remove_prefix(std::min(packed.size(), word.size() + 1));
    return std::string(word);
  };
  while (!packed.empty()) {
    const auto type = next(' ');
    const auto status = next(' ');
    transitions[type] = {status, next('\n')};
  }
  return transitions;
}

Transitions TransitionsOf(const ObjectStatus& status, const Transitions& before,
                          const std::string& now) {
  Transitions times;
  for (const auto& condition : status.conditions) {
    const auto found = before.find(condition.type);
    const bool same = found != before.end() && found->second.status == condition.status &&
                      !found->second.at.empty();
    times[condition.type] = {condition.status, same ? found->second.at : now};
  }
  return times;
}

std::string StatusPatch(const ObjectStatus& status, const Transitions& before,
                        const std::string& now) {
  JsonWriter json;
  json.BeginObject().Key("status").Raw(WriteStatus(status, TransitionsOf(status, before, now)));
  return json.EndObject().Take();
}

std::shared_ptr<const LastDecision> LastOfNodes(const ObjectStatus& status) {
  const auto& last = status.last_decision;
  return last && last->workload.empty() ? std::make_shared<const LastDecision>(*last) : nullptr;
}

SeenStatus ReadStatus(std::string_view json) {
  dom::parser parser;
  dom::element top;
  if (json.empty() || parser.parse(json.data(), json.size()).get(top) != simdjson::SUCCESS ||
      !top.is_object()) {
    return {};
  }
  ObjectStatus status;
  SeenStatus seen;
  status.observed_generation = Number(top, "observedGeneration").value_or(0);
  status.target = Text(top, "target");
  status.mode = Text(top, "mode");
  status.workloads = Number(top, "workloads");
  status.current = Number(top, "current");
  status.desired = Number(top, "desired");
  Transitions transitions;
  ReadConditions(top, status, transitions);
  seen.transitions = Pack(transitions);
  dom::element last;
  if (top["lastDecision"].get(last) == simdjson::SUCCESS && last.is_object()) {
    status.last_decision =
        LastDecision{Text(last, "time"),  Text(last, "workload"), Text(last, "outcome"),
                     Small(last, "from"), Small(last, "to"),      Text(last, "why")};
  }
  dom::array problems;
  if (top["problems"].get(problems) == simdjson::SUCCESS) {
    for (const auto one : problems) {
      std::string_view text;
      if (one.get(text) == simdjson::SUCCESS) {
        status.problems.emplace_back(text);
      }
    }
  }
  seen.fingerprint = FingerprintOf(status);
  seen.of_nodes = LastOfNodes(status);
  return seen;
}

}  // namespace scaler::kubernetes::policies

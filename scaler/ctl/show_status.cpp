#include <fmt/format.h>
#include <simdjson.h>

#include "scaler/ctl/json_view.h"
#include "scaler/ctl/show.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

namespace dom = simdjson::dom;

std::int64_t Restarts(dom::element workload) {
  std::int64_t sum = 0;
  for (const auto replica : Array(workload, "replicas")) {
    sum += Integer(replica, "restarts");
  }
  return sum;
}

std::vector<std::string> WorkloadRow(dom::element workload) {
  std::vector<std::string> row = {
      Text(workload, "namespace") + "/" + Text(workload, "name"),
      std::to_string(Integer(workload, "ready")) + "/" +
          std::to_string(Integer(workload, "desired")),
      std::to_string(Restarts(workload)),
      Text(workload, "signal"),
  };
  dom::element last;
  if (workload["last_decision"].get(last) == simdjson::SUCCESS && last.is_object()) {
    row.push_back(Text(last, "outcome") + " " + std::to_string(Integer(last, "from")) + " -> " +
                  std::to_string(Integer(last, "to")));
    row.push_back(FormatAge(Number(last, "age_seconds")));
  } else {
    row.insert(row.end(), {"-", "-"});
  }
  const auto policy = Text(workload, "policy");
  row.push_back(policy.empty() ? "(none)" : policy);
  row.push_back(Text(workload, "problem"));
  return row;
}

std::string AgentLine(dom::element agent) {
  const auto name = Text(agent, "name");
  bool connected = false;
  const bool known = agent["connected"].get(connected) == simdjson::SUCCESS;
  const auto label = Text(agent, "address") + (name.empty() ? "" : " (" + name + ")");
  if (known && connected) {
    return "agent " + label + ": connected, heard " + FormatAge(Number(agent, "age_seconds")) +
           " ago\n";
  }
  return "agent " + label + ": NOT CONNECTED: " + Text(agent, "problem") + "\n";
}

/// "group starter: 10 replicas of at most 10, 14 wanted".
std::string GroupLine(dom::element group) {
  std::string text = "group " + Text(group, "name") + ": " +
                     std::to_string(Integer(group, "granted_replicas")) + " replicas";
  std::int64_t most = 0;
  if (group["max_replicas"].get(most) == simdjson::SUCCESS) {
    text += " of at most " + std::to_string(most);
  }
  double cores = 0;
  if (group["max_cpu_cores"].get(cores) == simdjson::SUCCESS) {
    text += fmt::format(", {:g} cores of at most {:g}", Number(group, "granted_cpu_cores"), cores);
  }
  return text + ", " + std::to_string(Integer(group, "wanted_replicas")) + " wanted\n";
}

/// "prometheus 127.0.0.1:9090: 12 queries, answered 3s ago".
std::string PrometheusLine(dom::element status) {
  dom::element prometheus;
  if (status["prometheus"].get(prometheus) != simdjson::SUCCESS || !prometheus.is_object()) {
    return "";
  }
  auto text = fmt::format("prometheus {}: {} queries", Text(prometheus, "address"),
                          Integer(prometheus, "queries"));
  double age = 0;
  if (prometheus["age_seconds"].get(age) == simdjson::SUCCESS) {
    text += ", answered " + FormatAge(age) + " ago";
  }
  if (const auto failing = Integer(prometheus, "failing"); failing > 0) {
    text += fmt::format(", {} FAILING: {}", failing, Text(prometheus, "problem"));
  }
  return text + "\n";
}

/// A name as an identity has it before its first '_': the pod's.
std::string PodOf(const std::string& identity) { return identity.substr(0, identity.find('_')); }

/// Only of a scaler that follows: who asks the wrong one must know.
std::string FollowerLine(dom::element status) {
  dom::element leadership;
  if (status["leadership"].get(leadership) != simdjson::SUCCESS || !leadership.is_object() ||
      Flag(leadership, "leads")) {
    return "";
  }
  const auto leader = PodOf(Text(leadership, "leader"));
  std::string text = "FOLLOWER: " + PodOf(Text(leadership, "self")) +
                     (leader.empty() ? " writes nothing, and nobody leads"
                                     : " follows " + leader + ", which alone writes");
  if (const auto problem = Text(leadership, "problem"); !problem.empty()) {
    text += ": " + problem;
  }
  return text + "\n\n";
}

std::string FrozenLine(dom::element status) {
  dom::element freeze;
  if (status["freeze"].get(freeze) != simdjson::SUCCESS || !freeze.is_object()) {
    return "";
  }
  return "FROZEN since " + Text(freeze, "since") + ": " + Text(freeze, "reason") +
         " (nothing is written; `trimtabctl unfreeze` ends it)\n\n";
}

}  // namespace

common::Result<std::string> ShowStatus(std::string_view json) {
  dom::parser parser;
  dom::element status;
  if (parser.parse(json.data(), json.size()).get(status) != simdjson::SUCCESS ||
      !status.is_object()) {
    return common::Fail(std::errc::bad_message, "the scaler's status is no JSON object");
  }
  std::vector<std::vector<std::string>> rows = {
      {"WORKLOAD", "READY", "RESTARTS", "SIGNAL", "LAST DECISION", "AGE", "POLICY", "PROBLEM"}};
  for (const auto workload : Array(status, "workloads")) {
    rows.push_back(WorkloadRow(workload));
  }
  std::string text = FrozenLine(status) + FollowerLine(status);
  text += rows.size() > 1 ? FormatTable(rows) : "no workloads\n";
  text += "\n";
  for (const auto group : Array(status, "groups")) {
    text += GroupLine(group);
  }
  for (const auto agent : Array(status, "agents")) {
    text += AgentLine(agent);
  }
  text += PrometheusLine(status);
  for (const auto problem : Array(status, "problems")) {
    std::string_view what;
    if (problem.get(what) == simdjson::SUCCESS) {
      text += "problem: " + std::string(what) + "\n";
    }
  }
  return text;
}

}  // namespace scaler::ctl

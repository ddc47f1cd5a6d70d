#include "tests/demo/stage/scaler_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "common/http/client.h"

namespace demo {
namespace {

namespace json = boost::json;
using common::Result;

constexpr auto kDeadline = std::chrono::seconds(1);
constexpr int kPage = 500;
/// Each has all nodes and replicas.
constexpr int kCapacityPage = 50;

Result<json::value> Parse(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) {
    return common::Fail(std::errc::bad_message, "trimtab-scaler's answer is no JSON object");
  }
  return value;
}

const json::array& ListOf(const json::value& value, std::string_view key) {
  static const json::array kEmpty;
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  const auto* const list = found == nullptr ? nullptr : found->if_array();
  return list == nullptr ? kEmpty : *list;
}

std::string TextOf(const json::value& value, std::string_view key) {
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  const auto* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::int64_t NumberOf(const json::value& value, std::string_view key) {
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  if (found == nullptr || !found->is_number()) {
    return 0;
  }
  boost::system::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  return error ? 0 : number;
}

int SmallNumberOf(const json::value& value, std::string_view key) {
  return static_cast<int>(NumberOf(value, key));
}

bool FlagOf(const json::value& value, std::string_view key) {
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  const auto* const flag = found == nullptr ? nullptr : found->if_bool();
  return flag != nullptr && *flag;
}

const json::value& MemberOf(const json::value& value, std::string_view key) {
  static const json::value kNothing;
  const auto* const object = value.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? kNothing : *found;
}

double DoubleOf(const json::value& value, std::string_view key) {
  const auto& found = MemberOf(value, key);
  return found.is_number() ? found.to_number<double>() : 0;
}

WorkloadStatus ReadWorkload(const json::value& value) {
  WorkloadStatus status;
  status.name = TextOf(value, "name");
  status.desired = SmallNumberOf(value, "desired");
  status.ready = SmallNumberOf(value, "ready");
  status.problem = TextOf(value, "problem");
  for (const auto& replica : ListOf(value, "replicas")) {
    status.restarts += SmallNumberOf(replica, "restarts");
  }
  return status;
}

/// The problems of agents, and that HAProxy does not answer, which each workload says.
void ReadSilentParts(const json::value& value, ScalerStatus& status) {
  for (const auto& agent : ListOf(value, "agents")) {
    if (const auto problem = TextOf(agent, "problem"); !problem.empty()) {
      status.silent_parts.push_back("agent: " + problem);
    }
  }
  const auto silent = std::ranges::find_if(status.workloads, [](const WorkloadStatus& workload) {
    return workload.problem.starts_with("HAProxy does not answer");
  });
  if (silent != status.workloads.end()) {
    status.silent_parts.push_back(silent->problem);
  }
}

Result<std::string> Body(const std::string& address, const std::string& target) {
  return common::http::Get(address, target, kDeadline)
      .and_then([&](const common::http::Response& answer) -> Result<std::string> {
        if (answer.status != 200) {
          return common::Fail(std::errc::io_error,
                              fmt::format("trimtab-scaler at {} answers {} for {}", address,
                                          answer.status, target));
        }
        return answer.body;
      });
}

}  // namespace

Result<ScalerStatus> ParseStatus(std::string_view text) {
  return Parse(text).map([](const json::value& value) {
    ScalerStatus status;
    for (const auto& workload : ListOf(value, "workloads")) {
      status.workloads.push_back(ReadWorkload(workload));
    }
    ReadSilentParts(value, status);
    for (const auto& problem : ListOf(value, "problems")) {
      status.problems.push_back(problem.is_string() ? std::string(problem.get_string())
                                                    : json::serialize(problem));
    }
    return status;
  });
}

Result<std::vector<CapacityLine>> ParseCapacityLines(std::string_view text,
                                                     std::string_view on_demand) {
  return Parse(text).map([&](const json::value& value) {
    std::vector<CapacityLine> lines;
    for (const auto& entry : ListOf(value, "decisions")) {
      const auto& line = MemberOf(entry, "line");
      const auto& events = ListOf(MemberOf(line, "observation"), "events");
      const auto& actions = ListOf(MemberOf(line, "decision"), "actions");
      const std::chrono::nanoseconds committed(NumberOf(entry, "committed_monotonic_ns"));
      lines.push_back(
          {.id = static_cast<std::uint64_t>(NumberOf(entry, "id")),
           .committed = common::MonotonicTime(committed),
           .heard_stock_out = std::ranges::any_of(
               events, [](const auto& event) { return TextOf(event, "kind") == "stock_out"; }),
           .adds_on_demand = std::ranges::any_of(actions, [&](const auto& action) {
             return TextOf(action, "kind") == "add" && TextOf(action, "pool") == on_demand;
           })});
    }
    return lines;
  });
}

Result<CapacityStatus> ParseCapacity(std::string_view text) {
  return Parse(text).map([](const json::value& value) {
    CapacityStatus status;
    for (const auto& node : ListOf(value, "nodes")) {
      status.nodes.push_back({.name = TextOf(node, "name"),
                              .pool = TextOf(node, "pool"),
                              .zone = TextOf(node, "zone"),
                              .state = TextOf(node, "state"),
                              .spot = TextOf(node, "capacity_type") == "spot",
                              .pods = SmallNumberOf(node, "pods")});
    }
    if (MemberOf(value, "spare").is_array()) {
      status.spare_ok = true;
    }
    for (const auto& check : ListOf(value, "spare")) {
      if (!FlagOf(check, "holds")) {
        status.spare_ok = false;
        status.spare_missing.push_back(TextOf(check, "sentence"));
      }
    }
    if (const auto& spot = MemberOf(value, "spot"); spot.is_object()) {
      status.spot_share = DoubleOf(spot, "share");
      status.policy_share = DoubleOf(spot, "policy_share");
    }
    status.waiting = static_cast<int>(ListOf(value, "pending").size());
    for (const auto& action : ListOf(MemberOf(value, "last_change"), "actions")) {
      status.last_change.emplace_back(action.is_string() ? action.get_string().c_str() : "");
    }
    return status;
  });
}

Result<std::vector<DecisionLine>> ParseDecisions(std::string_view text) {
  return Parse(text).map([](const json::value& value) {
    std::vector<DecisionLine> decisions;
    for (const auto& entry : ListOf(value, "decisions")) {
      const std::chrono::nanoseconds committed(NumberOf(entry, "committed_monotonic_ns"));
      const auto& observation = MemberOf(MemberOf(entry, "line"), "observation");
      const std::chrono::milliseconds decided(NumberOf(observation, "now_ms"));
      decisions.push_back({.id = static_cast<std::uint64_t>(NumberOf(entry, "id")),
                           .workload = TextOf(entry, "workload"),
                           .committed = common::MonotonicTime(committed),
                           .time = TextOf(entry, "time"),
                           .outcome = TextOf(entry, "outcome"),
                           .from = SmallNumberOf(entry, "from"),
                           .to = SmallNumberOf(entry, "to"),
                           .decided = common::WallTime(decided)});
    }
    return decisions;
  });
}

ScalerApi::ScalerApi(std::string address) : address_(std::move(address)) {}

Result<ScalerStatus> ScalerApi::Status() const {
  return Body(address_, "/api/v1/status").and_then([](const std::string& body) {
    return ParseStatus(body);
  });
}

Result<CapacityStatus> ScalerApi::Capacity() const {
  return Body(address_, "/api/v1/capacity").and_then([](const std::string& body) {
    return ParseCapacity(body);
  });
}

Result<std::vector<CapacityLine>> ScalerApi::CapacityAfter(std::uint64_t after,
                                                           std::string_view on_demand) const {
  const auto target =
      fmt::format("/api/v1/capacity/decisions?after_id={}&limit={}", after, kCapacityPage);
  return Body(address_, target).and_then([&](const std::string& body) {
    return ParseCapacityLines(body, on_demand);
  });
}

Result<std::vector<DecisionLine>> ScalerApi::DecisionsAfter(std::uint64_t after) const {
  std::vector<DecisionLine> all;
  for (;;) {
    const auto target = fmt::format("/api/v1/decisions?after_id={}&limit={}", after, kPage);
    const auto page = Body(address_, target).and_then([](const std::string& body) {
      return ParseDecisions(body);
    });
    if (!page) {
      return page;
    }
    if (page->empty() || page->back().id <= after) {
      return all;
    }
    after = page->back().id;
    all.insert(all.end(), page->begin(), page->end());
  }
}

}  // namespace demo

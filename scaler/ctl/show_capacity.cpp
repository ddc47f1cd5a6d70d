#include "scaler/ctl/show_capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scaler/ctl/json_view.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

namespace dom = simdjson::dom;

constexpr double kMiB = 1024.0 * 1024;
/// Of the replicas that wait: more say nothing more.
constexpr std::size_t kMostWaiting = 10;

std::string Share(double part, double whole) {
  return whole > 0 ? fmt::format("{:.0f}%", 100 * part / whole) : "-";
}

std::string AgeOf(dom::element object, const char* key) {
  double age = 0;
  return object[key].get(age) == simdjson::SUCCESS ? FormatAge(age) : "-";
}

/// "draining; goes in 12s; somebody wants it emptied".
std::string StateOf(dom::element node) {
  auto text = Text(node, "state");
  if (double left = 0; node["notice_seconds"].get(left) == simdjson::SUCCESS) {
    text += left > 0 ? "; goes in " + FormatAge(left) : "; its time has come";
  }
  return text + (Flag(node, "unwanted") ? "; somebody wants it emptied" : "");
}

std::string Nodes(dom::element capacity) {
  std::vector<std::vector<std::string>> rows = {
      {"NODE", "POOL", "ZONE", "TYPE", "PRICE/H", "AGE", "PODS", "CPU", "MEMORY", "STATE"}};
  for (const auto node : Array(capacity, "nodes")) {
    rows.push_back({Text(node, "name"), Text(node, "pool"), Text(node, "zone"),
                    Text(node, "capacity_type") == "spot" ? "spot" : "on-demand",
                    fmt::format("{:g}", Number(node, "price_per_hour")), AgeOf(node, "age_seconds"),
                    std::to_string(Integer(node, "pods")),
                    Share(Number(node, "cpu_requested_cores"), Number(node, "cpu_cores")) +
                        fmt::format(" of {:g}", Number(node, "cpu_cores")),
                    Share(Number(node, "memory_requested_bytes"), Number(node, "memory_bytes")) +
                        fmt::format(" of {:.0f}Mi", Number(node, "memory_bytes") / kMiB),
                    StateOf(node)});
  }
  return rows.size() > 1 ? FormatTable(rows) : "no nodes\n";
}

std::string Pools(dom::element capacity) {
  std::vector<std::vector<std::string>> rows = {
      {"POOL", "TYPE", "ZONE", "READY", "BOOTING", "DRAINING", "OTHER", "ORDERED", "MIN", "MAX"}};
  for (const auto pool : Array(capacity, "pools")) {
    for (const auto zone : Array(pool, "zones")) {
      const auto count = [&](const char* key) { return std::to_string(Integer(zone, key)); };
      rows.push_back(
          {Text(pool, "name"), Text(pool, "capacity_type") == "spot" ? "spot" : "on-demand",
           Text(zone, "zone"), count("ready"), count("booting"), count("draining"),
           std::to_string(Integer(zone, "not_ready") + Integer(zone, "cordoned")), count("ordered"),
           std::to_string(Integer(pool, "min_nodes")), std::to_string(Integer(pool, "max_nodes"))});
    }
  }
  return rows.size() > 1 ? FormatTable(rows) : "";
}

std::string Spare(dom::element capacity) {
  std::string text;
  for (const auto check : Array(capacity, "spare")) {
    text += fmt::format("spare: {} {}\n", Flag(check, "holds") ? "ok     " : "MISSING",
                        Text(check, "sentence"));
  }
  return text;
}

std::string Spot(dom::element capacity) {
  dom::element spot;
  if (capacity["spot"].get(spot) != simdjson::SUCCESS || !spot.is_object()) {
    return "";
  }
  auto text =
      fmt::format("spot: {:.0f}% of the nodes that may be spot are; the policy says {:.0f}%",
                  100 * Number(spot, "share"), 100 * Number(spot, "policy_share"));
  if (const auto stand_ins = Integer(spot, "stand_ins"); stand_ins > 0) {
    text += fmt::format("; {} on-demand stand in for spot", stand_ins);
  }
  return text + "\n";
}

std::string Waiting(dom::element capacity) {
  std::string text;
  const auto pending = Array(capacity, "pending");
  for (std::size_t i = 0; i < std::min(pending.size(), kMostWaiting); ++i) {
    text += fmt::format("waits: {}: {}\n", Text(pending[i], "replica"), Text(pending[i], "why"));
  }
  if (pending.size() > kMostWaiting) {
    text += fmt::format("waits: and {} more\n", pending.size() - kMostWaiting);
  }
  for (const auto order : Array(capacity, "orders")) {
    text += fmt::format("ordered: {} of {} in {}, {} ago{}\n", Integer(order, "nodes"),
                        Text(order, "pool"), Text(order, "zone"), AgeOf(order, "age_seconds"),
                        Flag(order, "taken") ? "" : "; the provider has not said yes yet");
  }
  return text;
}

/// "spare: 2 of 3 placeholders of shape-shop run: ...".
std::string Kept(dom::element capacity) {
  std::string text;
  for (const auto room : Array(capacity, "placeholders")) {
    const auto problem = Text(room, "problem");
    text += fmt::format("spare: {} of {} placeholder pods of {} run{}\n", Integer(room, "running"),
                        Integer(room, "wanted"), Text(room, "name"),
                        problem.empty() ? "" : ": " + problem);
  }
  return text;
}

std::string Held(dom::element capacity) {
  std::string text;
  const auto held = Array(capacity, "held");
  for (std::size_t i = 0; i < std::min(held.size(), kMostWaiting); ++i) {
    text += fmt::format("stays: {} on {}: {}\n", Text(held[i], "pod"), Text(held[i], "node"),
                        Text(held[i], "why"));
  }
  if (held.size() > kMostWaiting) {
    text += fmt::format("stays: and {} more\n", held.size() - kMostWaiting);
  }
  return text;
}

std::string Sentences(dom::element capacity, const char* key, const char* list,
                      std::string_view label) {
  dom::element decision;
  if (capacity[key].get(decision) != simdjson::SUCCESS) {
    return "";
  }
  std::string text;
  for (const auto sentence : Array(decision, list)) {
    std::string_view words;
    if (sentence.get(words) == simdjson::SUCCESS) {
      text += fmt::format("{}: {}\n", label, words);
    }
  }
  return text;
}

std::string LastChange(dom::element capacity) {
  dom::element change;
  if (capacity["last_change"].get(change) != simdjson::SUCCESS) {
    return "";
  }
  return Sentences(capacity, "last_change", "actions",
                   "last change, " + AgeOf(change, "age_seconds") + " ago");
}

common::Result<dom::element> Parse(dom::parser& parser, std::string_view json) {
  dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS ||
      !element.is_object()) {
    return common::Fail(std::errc::bad_message, "the scaler's answer is no JSON object");
  }
  return element;
}

common::Result<ExplainedCapacity> ParseOne(dom::element element) {
  ExplainedCapacity decision;
  dom::element line;
  if (element["line"].get(line) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "a decision of the scaler lacks its line");
  }
  decision.id = Integer(element, "id");
  decision.committed_at = common::WallTime(std::chrono::milliseconds(Integer(element, "time_ms")));
  return codec::DecodeCapacityLine(simdjson::to_string(line)).map([&](codec::CapacityLine decoded) {
    decision.line = std::move(decoded);
    return std::move(decision);
  });
}

}  // namespace

common::Result<std::string> ShowCapacity(std::string_view json) {
  dom::parser parser;
  return Parse(parser, json).map([](dom::element capacity) {
    auto text = Nodes(capacity);
    if (const auto pools = Pools(capacity); !pools.empty()) {
      text += "\n" + pools;
    }
    const auto policy = Text(capacity, "policy");
    text += policy.empty() ? "\nno CapacityPolicy: nodes are left alone\n"
                           : "\npolicy " + policy + "\n";
    if (const auto problem = Text(capacity, "provider_problem"); !problem.empty()) {
      text += "PROVIDER: " + problem + "\n";
    }
    return text + Spare(capacity) + Kept(capacity) + Spot(capacity) + Waiting(capacity) +
           Held(capacity) + Sentences(capacity, "now", "limits", "kept back") +
           LastChange(capacity);
  });
}

common::Result<std::vector<ExplainedCapacity>> ParseCapacityDecisions(std::string_view json) {
  dom::parser parser;
  const auto answer = Parse(parser, json);
  if (!answer) {
    return tl::make_unexpected(answer.error());
  }
  std::vector<ExplainedCapacity> decisions;
  for (const auto element : Array(*answer, "decisions")) {
    auto decision = ParseOne(element);
    if (!decision) {
      return tl::make_unexpected(decision.error());
    }
    decisions.push_back(std::move(*decision));
  }
  return decisions;
}

std::string ExplainCapacity(const ExplainedCapacity& decision, common::WallTime now) {
  const auto age = std::chrono::duration<double>(now - decision.committed_at).count();
  const auto& made = decision.line.decision;
  const auto& seen = decision.line.observation;
  auto text =
      fmt::format("{} ({} ago)  {}  #{}\n", LocalTime(decision.committed_at), FormatAge(age),
                  made.actions.empty() ? "nothing to change" : "changed", decision.id);
  const auto line = [&](std::string_view label, std::string_view content) {
    text += fmt::format("  {:<10} {}\n", label, content);
  };
  const auto ready = std::count_if(seen.nodes.begin(), seen.nodes.end(),
                                   [](const auto& node) { return node.ready; });
  line("observed",
       fmt::format("{} nodes, {} ready; {} replicas", seen.nodes.size(), ready, seen.pods.size()));
  for (const auto& waiting : made.waiting) {
    line("waits", fmt::format("{} of {}", waiting.pods, waiting.what));
  }
  for (const auto& verdict : made.spare) {
    line("spare", Sentence(verdict));
  }
  for (const auto& action : made.actions) {
    line("decided", Sentence(action));
  }
  for (const auto& clamp : made.clamps) {
    line("kept back", Sentence(clamp));
  }
  for (const auto& left_out : made.left_out) {
    line("left out", left_out.what + ": " + left_out.why);
  }
  line("policy", decision.line.policy.name);
  return text;
}

common::Result<DrainProgress> ShowDrain(std::string_view json, const std::string& node) {
  dom::parser parser;
  const auto capacity = Parse(parser, json);
  if (!capacity) {
    return tl::make_unexpected(capacity.error());
  }
  for (const auto candidate : Array(*capacity, "nodes")) {
    if (Text(candidate, "name") != node) {
      continue;
    }
    DrainProgress progress;
    progress.removed_by_others = Text(candidate, "pool").empty();
    progress.empty = Text(candidate, "state") == "draining" && Integer(candidate, "pods") == 0;
    auto& text = progress.text;
    text = fmt::format("{}: {}, {} replicas on it", node, Text(candidate, "state"),
                       Integer(candidate, "pods"));
    for (const auto pod : Array(*capacity, "held")) {
      if (Text(pod, "node") == node) {
        text += fmt::format("; {} stays: {}", Text(pod, "pod"), Text(pod, "why"));
        break;
      }
    }
    dom::element now;
    if ((*capacity)["now"].get(now) == simdjson::SUCCESS) {
      for (const auto limit : Array(now, "limits")) {
        std::string_view words;
        if (limit.get(words) == simdjson::SUCCESS && words.find(node) != std::string_view::npos) {
          text += fmt::format("; {}", words);
        }
      }
    }
    return progress;
  }
  return common::Fail(std::errc::no_such_device, "there is no node " + node);
}

}  // namespace scaler::ctl

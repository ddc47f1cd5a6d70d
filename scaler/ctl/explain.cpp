#include <fmt/chrono.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "common/text.h"
#include "scaler/ctl/show.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

namespace dom = simdjson::dom;

using engine::Outcome;

std::string LocalTime(common::WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M:%S %z}",
                     fmt::localtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string Headline(const engine::Decision& decision) {
  switch (decision.outcome) {
    case Outcome::kScaled:
      return fmt::format("scaled {} -> {}", decision.current, decision.desired);
    case Outcome::kDryRun:
      return fmt::format("would scale {} -> {} (dry run)", decision.current, decision.desired);
    case Outcome::kHeld:
      return fmt::format("held at {}", decision.current);
    case Outcome::kKept:
      return fmt::format("kept {}", decision.current);
  }
  return "";
}

std::string Observed(const engine::Observation& observation) {
  auto text =
      fmt::format("desired {}, ready {}", observation.desired_replicas, observation.ready_replicas);
  if (observation.demand) {
    const auto& demand = observation.demand->value;
    text += fmt::format("; {:.1f} requests/s, {:.0f} in flight, {:.0f} queued",
                        demand.arrivals_per_second, demand.in_flight, demand.queued);
  }
  double used_cores = 0;
  double requested_cores = 0;
  int measured = 0;
  for (const auto& pod : observation.pods) {
    if (pod.ready && pod.cpu_cores) {
      used_cores += pod.cpu_cores->value;
      requested_cores += pod.cpu_request_cores;
      ++measured;
    }
  }
  if (measured > 0) {
    text += fmt::format("; {:.2f} of {:.2f} cores in {} replicas", used_cores, requested_cores,
                        measured);
  }
  return text;
}

std::string Recommended(const engine::Recommendation& recommendation) {
  const bool cpu = recommendation.signal == "cpu";
  const auto measure =
      cpu ? fmt::format("{:.0f}% of the request, target {:.0f}%", recommendation.value * 100,
                        recommendation.target * 100)
          : fmt::format("{:.1f}/s, {:g}/s a replica", recommendation.value, recommendation.target);
  return fmt::format("{}: {} -> {}", recommendation.signal, measure, recommendation.replicas);
}

/// What the objective saw coming.
std::string Provided(const engine::Headroom& headroom) {
  const auto lead = common::FormatDuration(headroom.lead);
  auto text = fmt::format("{:.1f} requests/s need {}", headroom.demand, headroom.reactive);
  if (headroom.replicas > headroom.reactive) {
    text += fmt::format("; {} with what may come within {}, the time of {} start",
                        headroom.replicas, lead, headroom.node ? "a node's" : "a replica's");
  }
  if (headroom.last_as_high) {
    text += fmt::format("; the last of them was needed {} ago",
                        common::FormatDuration(*headroom.last_as_high));
  }
  return text;
}

void AddLine(std::string& text, std::string_view label, std::string_view content) {
  text += fmt::format("  {:<10} {}\n", label, content);
}

common::Result<ExplainedDecision> ParseOne(dom::element element) {
  ExplainedDecision decision;
  std::int64_t milliseconds = 0;
  dom::element line;
  if (element["id"].get(decision.id) != simdjson::SUCCESS ||
      element["time_ms"].get(milliseconds) != simdjson::SUCCESS ||
      element["line"].get(line) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "a decision of the scaler lacks its line");
  }
  decision.committed_at = common::WallTime(std::chrono::milliseconds(milliseconds));
  return codec::DecodeLine(simdjson::to_string(line)).map([&](codec::Line decoded) {
    decision.line = std::move(decoded);
    return decision;
  });
}

}  // namespace

common::Result<std::vector<ExplainedDecision>> ParseDecisions(std::string_view json) {
  dom::parser parser;
  dom::element answer;
  dom::array array;
  if (parser.parse(json.data(), json.size()).get(answer) != simdjson::SUCCESS ||
      answer["decisions"].get(array) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "the scaler's answer has no decisions");
  }
  std::vector<ExplainedDecision> decisions;
  for (const auto element : array) {
    auto decision = ParseOne(element);
    if (!decision) {
      return tl::make_unexpected(decision.error());
    }
    decisions.push_back(std::move(*decision));
  }
  return decisions;
}

std::string Explain(const ExplainedDecision& decision, common::WallTime now) {
  const auto age = std::chrono::duration<double>(now - decision.committed_at).count();
  auto text = fmt::format("{} ({} ago)  {}  #{}\n", LocalTime(decision.committed_at),
                          FormatAge(age), Headline(decision.line.decision), decision.id);
  AddLine(text, "observed", Observed(decision.line.observation));
  for (const auto& recommendation : decision.line.decision.recommendations) {
    AddLine(text, "signal", Recommended(recommendation));
  }
  for (const auto& clamp : decision.line.decision.clamps) {
    AddLine(text, "rule",
            fmt::format("{}: {} -> {} ({})", engine::RuleName(clamp.rule), clamp.from, clamp.to,
                        engine::Why(clamp)));
  }
  for (const auto& left_out : decision.line.decision.left_out) {
    AddLine(text, "left out", fmt::format("{}: {}", left_out.what, left_out.why));
  }
  const auto& made = decision.line.decision;
  if (made.headroom) {
    AddLine(text, "objective", Provided(*made.headroom));
  }
  if (made.memory) {
    AddLine(text, "memory",
            fmt::format("ran out of it lately; the limit should be {:.0f} MiB a replica{}",
                        made.memory->limit_bytes / (1 << 20),
                        made.memory->apply ? "" : " (recommended, not applied)"));
  }
  if (made.hpa) {
    AddLine(text, "the HPA", fmt::format("would have {}", *made.hpa));
  }
  AddLine(text, "policy", decision.line.policy.name);
  return text;
}

}  // namespace scaler::ctl

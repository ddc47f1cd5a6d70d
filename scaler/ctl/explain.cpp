#include <fmt/format.h>
#include <simdjson.h>

#include "common/text.h"
#include "scaler/ctl/show.h"
#include "scaler/ctl/table.h"
#include "scaler/explain/reasons.h"
#include "scaler/explain/sentence.h"

namespace scaler::ctl {
namespace {

namespace dom = simdjson::dom;

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
                          FormatAge(age), explain::Headline(decision.line.decision), decision.id);
  AddLine(text, "observed", Observed(decision.line.observation));
  const auto& made = decision.line.decision;
  for (const auto& [label, content] : explain::ReasonsOf(made)) {
    AddLine(text, label, content);
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

#include "unit/scaler/policy/policy_text.h"

#include <fmt/format.h>

#include <sstream>

#include "common/text.h"

namespace scaler::policy {
namespace {

using common::FormatDuration;

std::string Describe(const Selector& selector) {
  std::string text;
  for (const auto& [key, value] : selector.match_labels) {
    text += (text.empty() ? "" : ", ") + key + "=" + value;
  }
  return text;
}

std::string Describe(const engine::ScalingRules& rules) {
  std::ostringstream text;
  text << "window " << FormatDuration(rules.stabilization_window);
  if (rules.select == engine::SelectPolicy::kDisabled) {
    text << ", disabled";
  }
  const char* between = rules.select == engine::SelectPolicy::kMin ? "least of" : "most of";
  for (const auto& limit : rules.limits) {
    text << ", " << between << ' ' << limit.value
         << (limit.kind == engine::RateLimit::Kind::kPods ? " pods" : "%") << " per "
         << FormatDuration(limit.period);
  }
  return text.str();
}

const char* ModeName(engine::Mode mode) {
  switch (mode) {
    case engine::Mode::kActive:
      return "active";
    case engine::Mode::kDryRun:
      return "dry run";
    case engine::Mode::kPaused:
      return "paused";
  }
  return "?";
}

void DescribeTerms(const engine::Policy& terms, std::ostream& out) {
  out << "  " << ModeName(terms.mode) << ", replicas " << terms.replicas.min << " to "
      << terms.replicas.max << ", tolerance " << terms.tolerance << ", stale after "
      << FormatDuration(terms.guards.stale_after) << '\n';
  if (terms.signals.requests) {
    const auto rate = terms.signals.requests->per_replica_per_second;
    out << "  requests: " << (rate ? fmt::format("{:g} per replica and second", *rate) : "learned")
        << '\n';
  }
  if (terms.signals.cpu) {
    out << "  cpu: " << terms.signals.cpu->utilization << '\n';
  }
  if (terms.idle) {
    out << "  idle after " << FormatDuration(terms.idle->after) << '\n';
  }
  out << "  up: " << Describe(terms.behavior.scale_up) << '\n';
  out << "  down: " << Describe(terms.behavior.scale_down) << '\n';
}

}  // namespace

std::string Describe(const ScalingPolicy& policy) {
  std::ostringstream out;
  const auto& target = policy.target;
  out << policy.terms.policy.name << " for " << (target.kind.empty() ? "workload" : target.kind)
      << ' ' << (target.selector ? "with " + Describe(*target.selector) : target.name)
      << ", tenant from " << (policy.tenant_label.empty() ? "name" : policy.tenant_label) << '\n';
  DescribeTerms(policy.terms.policy, out);
  for (const auto& one : policy.overrides) {
    out << " " << one.name << ", with " << Describe(one.selector) << '\n';
    DescribeTerms(one.terms.policy, out);
  }
  return out.str();
}

std::string Document(std::string_view name, std::string_view target, std::string_view more) {
  std::ostringstream out;
  out << "apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: " << name
      << "}\nspec:\n  target: {" << target
      << "}\n  replicas: {max: 3}\n  signals: {requests: {perReplica: 20/s}}\n"
      << more;
  return out.str();
}

}  // namespace scaler::policy

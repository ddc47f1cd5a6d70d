#include "scaler/policy/scaling_policy.h"

#include <algorithm>
#include <tuple>

namespace scaler::policy {
namespace {

bool SameTerms(const std::vector<Override>& left, const std::vector<Override>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Override& one, const Override& other) {
                      return std::tie(one.name, one.selector, one.terms) ==
                             std::tie(other.name, other.selector, other.terms);
                    });
}

}  // namespace

bool ScalingPolicy::Matches(const Subject& subject) const {
  if (subject.name_space != name_space) {
    return false;
  }
  if (!target.kind.empty() && !subject.kind.empty() && target.kind != subject.kind) {
    return false;
  }
  return target.selector ? target.selector->Matches(subject.labels) : target.name == subject.name;
}

bool ScalingPolicy::SameAs(const ScalingPolicy& other) const {
  return std::tie(name_space, name, target, tenant_label, terms) ==
             std::tie(other.name_space, other.name, other.target, other.tenant_label,
                      other.terms) &&
         SameTerms(overrides, other.overrides);
}

std::string FullName(const ScalingPolicy& policy) { return policy.name_space + "/" + policy.name; }

}  // namespace scaler::policy

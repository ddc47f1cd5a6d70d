#pragma once

#include <string>

#include "scaler/policy/document/node.h"
#include "scaler/policy/scaling_policy.h"
#include "scaler/policy/schedule/cron.h"

/// What writers of documents share.
namespace scaler::policy {

/// Whole where it is.
[[nodiscard]] document::Node WriteNumber(double value);

/// The shortest text that reads back as exactly this share: "0.1%".
[[nodiscard]] std::string WriteShare(double share);

/// As a quantity that reads back as exactly this: "512Mi", "500m", "0.1".
[[nodiscard]] std::string WriteQuantity(double value);

[[nodiscard]] document::Node WriteSelector(const Selector& selector);

/// apiVersion, kind and metadata; the namespace is left out where it is empty.
[[nodiscard]] document::Node WriteHead(const char* kind, const std::string& name,
                                       const std::string& name_space);

/// cron, timeZone and for.
[[nodiscard]] document::Node WriteRecurrence(const schedule::Recurrence& when);

/// Adds the keys of a spec to it. With `base`, those of an override of a policy with these terms,
/// which has what `base` has of signals, idle and schedules.
void WriteTerms(const Terms& terms, const Terms* base, document::Node& spec);

}  // namespace scaler::policy

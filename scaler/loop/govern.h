#pragma once

#include <memory>
#include <optional>

#include "scaler/loop/governed.h"
#include "scaler/platform/platform.h"
#include "scaler/policy/policy_set.h"

namespace scaler::loop {

/// The workload, as policies look at it.
[[nodiscard]] policy::Subject SubjectOf(const platform::Workload& workload);

/// What of `set` applies to the workload; nothing where no policy does. Keeps the set alive. What
/// somebody else scales is decided for in dry run.
[[nodiscard]] std::optional<Governed> Govern(const std::shared_ptr<const policy::PolicySet>& set,
                                             const platform::Workload& workload);

}  // namespace scaler::loop

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace scaler::local {

/// Replaces $(VAR) as Kubernetes does: an unknown name stays as it is written, and $$(VAR) is the
/// text $(VAR).
[[nodiscard]] std::string Expand(std::string_view text,
                                 const std::map<std::string, std::string>& variables);

}  // namespace scaler::local

#pragma once

#include <set>
#include <string>
#include <string_view>

namespace tests {

/// The series that an expression asks for: "name" or "name{matchers}". `expression` is PromQL as
/// Prometheus itself formats it; what is no series is told apart by the grammar, not by its name.
[[nodiscard]] std::set<std::string> SelectorsOf(std::string_view expression);

}  // namespace tests

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cluster::latency {

/// That so large a share (1: all) is to take at most so many seconds.
struct Limit {
  double share = 0.99;
  double seconds = 0;
};

/// One thing that was measured many times.
struct Row {
  std::string name;
  std::vector<double> seconds;
  /// What never came while it was waited for. It is worse than all that came.
  std::size_t missed = 0;
  std::optional<Limit> limit = {};
};

struct Section {
  std::string title;
  std::vector<Row> rows;
  std::vector<std::string> notes = {};
};

/// What the share `share` of all took at most, by nearest rank; nothing where that one never came,
/// or nothing was measured.
[[nodiscard]] std::optional<double> Quantile(const Row& row, double share);

/// True where there is no limit.
[[nodiscard]] bool Holds(const Row& row);

[[nodiscard]] bool Holds(const std::vector<Section>& sections);

/// For people.
[[nodiscard]] std::string AsTable(const std::vector<Section>& sections);

/// For programs: {"holds": true, "sections": [{"title", "rows": [{"name", "count", "missed",
/// "seconds": {"p50", "p90", "p99", "max"}, "limit": {"share", "seconds"}, "holds"}]}]}.
[[nodiscard]] std::string AsJson(const std::vector<Section>& sections);

}  // namespace cluster::latency

#include "tests/bench/cluster_latency/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace cluster::latency {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<const char*, double>, 4> kShares = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1.0}}};

std::string Name(const Limit& limit) {
  return limit.share < 1 ? fmt::format("p{:.0f} < {:g} s", limit.share * 100, limit.seconds)
                         : fmt::format("max < {:g} s", limit.seconds);
}

std::string Line(const Row& row) {
  auto line = fmt::format("  {:<46} {:>4}", row.name, row.seconds.size() + row.missed);
  for (const auto& [name, share] : kShares) {
    const auto seconds = Quantile(row, share);
    line += seconds ? fmt::format(" {:>8.3f}", *seconds) : fmt::format(" {:>8}", "never");
  }
  if (row.limit) {
    line += fmt::format("   {:<12} {}", Name(*row.limit), Holds(row) ? "ok" : "MISSED");
  }
  return line + "\n";
}

json::object RowAsJson(const Row& row) {
  json::object seconds;
  for (const auto& [name, share] : kShares) {
    const auto value = Quantile(row, share);
    seconds[name] = value ? json::value(*value) : json::value(nullptr);
  }
  json::object object{{"name", row.name},
                      {"count", row.seconds.size() + row.missed},
                      {"missed", row.missed},
                      {"seconds", std::move(seconds)}};
  if (row.limit) {
    object["limit"] = json::object{{"share", row.limit->share}, {"seconds", row.limit->seconds}};
    object["holds"] = Holds(row);
  }
  return object;
}

}  // namespace

std::optional<double> Quantile(const Row& row, double share) {
  const auto count = row.seconds.size() + row.missed;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(count)));
  if (rank == 0 || rank > row.seconds.size()) {
    return std::nullopt;
  }
  auto sorted = row.seconds;
  std::sort(sorted.begin(), sorted.end());
  return sorted[rank - 1];
}

bool Holds(const Row& row) {
  if (!row.limit) {
    return true;
  }
  const auto seconds = Quantile(row, row.limit->share);
  return seconds && *seconds < row.limit->seconds;
}

bool Holds(const std::vector<Section>& sections) {
  return std::all_of(sections.begin(), sections.end(), [](const Section& section) {
    return std::all_of(section.rows.begin(), section.rows.end(),
                       [](const Row& row) { return Holds(row); });
  });
}

std::string AsTable(const std::vector<Section>& sections) {
  std::string text = fmt::format("{:<48} {:>4} {:>8} {:>8} {:>8} {:>8}\n", "seconds", "n", "p50",
                                 "p90", "p99", "max");
  for (const auto& section : sections) {
    text += section.title + "\n";
    for (const auto& row : section.rows) {
      text += Line(row);
    }
    for (const auto& note : section.notes) {
      text += "  " + note + "\n";
    }
  }
  return text;
}

std::string AsJson(const std::vector<Section>& sections) {
  json::array all;
  for (const auto& section : sections) {
    json::array rows;
    for (const auto& row : section.rows) {
      rows.push_back(RowAsJson(row));
    }
    all.push_back(json::object{{"title", section.title},
                               {"rows", std::move(rows)},
                               {"notes", json::value_from(section.notes)}});
  }
  return json::serialize(json::object{{"holds", Holds(sections)}, {"sections", std::move(all)}}) +
         "\n";
}

}  // namespace cluster::latency

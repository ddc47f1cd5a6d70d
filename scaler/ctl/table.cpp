#include "scaler/ctl/table.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>

namespace scaler::ctl {
namespace {

std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // Not a continuation byte.
  }));
}

}  // namespace

std::string FormatTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], Width(row[column]));
    }
  }
  std::string table;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column] + std::string(widths[column] - Width(row[column]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

std::string FormatAge(double seconds) {
  const auto total = std::isfinite(seconds) ? static_cast<long long>(std::max(0.0, seconds)) : 0;
  const auto pair = [](long long large, const char* large_unit, long long small,
                       const char* small_unit) {
    const auto head = std::to_string(large) + large_unit;
    return small == 0 ? head : head + std::to_string(small) + small_unit;
  };
  if (total < 60) {
    return std::to_string(total) + "s";
  }
  if (total < 3600) {
    return pair(total / 60, "m", total % 60, "s");
  }
  if (total < 86'400) {
    return pair(total / 3600, "h", total / 60 % 60, "m");
  }
  return pair(total / 86'400, "d", total / 3600 % 24, "h");
}

std::string LocalTime(common::WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M:%S %z}",
                     fmt::localtime(std::chrono::system_clock::to_time_t(seconds)));
}

}  // namespace scaler::ctl

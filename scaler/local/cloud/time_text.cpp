#include "scaler/local/cloud/time_text.h"

#include <array>
#include <chrono>
#include <ctime>

namespace scaler::local::cloud {

std::string FormatUtc(common::WallTime time, const char* format) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  const std::time_t whole = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace scaler::local::cloud

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "common/result.h"
#include "tests/demo/stage/summary.h"

namespace demo {

struct StageOptions {
  std::filesystem::path source;    ///< The root of the sources.
  std::filesystem::path binaries;  ///< Where trimtab-agent, trimtab-scaler and demo-shop are.
  std::optional<std::chrono::milliseconds> duration;  ///< Of the traffic; else until a signal.
  int port_base = 18000;
  std::uint64_t seed = 1;
  std::vector<PlannedFault> faults;  ///< As ParseFaults gives them.
  bool keep = false;                 ///< Keep the run's directory.
};

/// Sets up all parts, runs the traffic, and takes everything down again.
///
/// Call it on the main thread with SIGINT, SIGTERM and SIGHUP blocked in all threads; it takes
/// them from there. Fails, with what to do in its words, where a part does not come up or ends by
/// itself; nothing is left then either.
[[nodiscard]] common::Result<Summary> RunDemo(const StageOptions& options);

}  // namespace demo

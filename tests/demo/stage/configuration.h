#pragma once

#include <filesystem>
#include <string>

#include "common/result.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/traffic/course.h"

namespace demo {

/// What differs between one run and another.
struct RunPlace {
  std::filesystem::path source;     ///< The root of the sources, for deploy/local and rules.
  std::filesystem::path binaries;   ///< Where trimtab-agent and the others are.
  std::filesystem::path directory;  ///< The run's own; everything that it writes is in here.
  std::string cgroup;               ///< Of all replicas, below each controller's mount.
  Ports ports;
};

/// Writes the configuration of every part into the run's directory from the templates of
/// deploy/local. Fails, naming the file, where one is missing or cannot be filled.
[[nodiscard]] common::Result<void> WriteConfiguration(const RunPlace& place, const Course& course);

}  // namespace demo

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/kubernetes/workload_name.h"
#include "common/result.h"

namespace scaler::kubernetes::agents {

/// What is read of a pod to reach an agent in it, or to tell why it was lost.
struct PodFields {
  std::string name_space;
  std::string name;
  std::string uid;
  common::WallTime created;
  std::string node;
  std::string address;  ///< Its IP, v4 or v6; empty: none yet.
  bool ready = false;
  bool over = false;       ///< Succeeded or Failed.
  std::string reason;      ///< Of its status: "NodeLost", "Evicted", ...
  std::string disruption;  ///< The reason of its condition DisruptionTarget, where that holds.
  std::map<std::string, std::uint16_t> ports;  ///< Of its containers, by their names.
  common::kubernetes::PodOwner owner;

  friend bool operator==(const PodFields&, const PodFields&) = default;
};

/// What is missing or of another type keeps its default. bad_message where it is no JSON object or
/// has no name.
[[nodiscard]] common::Result<PodFields> ParsePodFields(std::string_view json);

/// The pod ended because its node went: the controllers say so before they remove it.
[[nodiscard]] bool LostItsNode(const PodFields& pod);

}  // namespace scaler::kubernetes::agents

#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "scaler/kubernetes/workloads/decode.h"

// Inside this folder only: it brings simdjson's headers.
namespace scaler::kubernetes::workloads {

/// One entry of status.conditions; the texts are good until the parser's next document.
struct Condition {
  std::string_view type;
  bool holds = false;
  std::string_view message;
  std::optional<common::WallTime> changed;
};

[[nodiscard]] Condition ReadCondition(simdjson::ondemand::value value);

void ReadPodMetadata(simdjson::ondemand::value value, PodFields& fields);
void ReadPodStatus(simdjson::ondemand::value value, PodFields& fields);

}  // namespace scaler::kubernetes::workloads

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/yaml/value.h"
#include "scaler/policy/document/node.h"

/// What the importers of this folder share. Private to it.
namespace scaler::policy::importer {

/// One object on its way: where its policy is made, and who hears what is left out.
struct Job {
  document::Node spec;
  document::Node signals;
  common::yaml::Problems* left_out = nullptr;

  void LeaveOut(const common::yaml::Value& value, const std::string& why) const {
    left_out->Add(value.At(), value.Path(), "is left out: " + why);
  }
};

/// What a map has under `key`; nothing where there is none, or where `map` is no map.
[[nodiscard]] std::optional<common::yaml::Value> Find(const common::yaml::Value& map,
                                                      std::string_view key);

/// The same, as a scalar's text; empty where there is none.
[[nodiscard]] std::string FindText(const common::yaml::Value& map, std::string_view key);
[[nodiscard]] std::optional<int> FindInt(const common::yaml::Value& map, std::string_view key);

/// Says of every key of the map that is not in `known` that it is left out.
void LeaveOutOthers(const common::yaml::Value& map, std::initializer_list<std::string_view> known,
                    const Job& job);

/// apiVersion, kind and metadata of the policy for this object.
[[nodiscard]] document::Node Head(const common::yaml::Value& object);

/// scaleTargetRef. False if no policy can be made for such a target.
[[nodiscard]] bool ImportTarget(const common::yaml::Value& object_spec, Job& job);

/// HPA v2's behavior, as the HPA's profile has it where it is not given.
void ImportBehavior(const common::yaml::Value& behavior, Job& job);

/// A use of `cpu` or `memory` in percent of the request.
void ImportUtilization(const std::string& resource, const common::yaml::Value& percent, Job& job);

/// False where a policy with this name cannot be made; then `job` has said why.
[[nodiscard]] bool ImportHpa(const common::yaml::Value& object, bool v1, Job& job);
[[nodiscard]] bool ImportScaledObject(const common::yaml::Value& object, Job& job);

}  // namespace scaler::policy::importer

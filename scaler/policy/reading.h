#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/yaml/value.h"
#include "scaler/engine/policy.h"
#include "scaler/policy/capacity_policy.h"
#include "scaler/policy/scaling_policy.h"

/// What readers of policies share. All of them say what is wrong in the Problems of their value.
namespace scaler::policy {

/// Beyond it a number is more likely a slip than a wish.
inline constexpr int kMostReplicas = 10'000;

/// A text that every reader of YAML takes for one: true and 5 must be in quotes. Not empty.
[[nodiscard]] std::optional<std::string> ReadString(const common::yaml::Value& value);

/// Lower-case letters, digits, '-' and '.', as Kubernetes names objects; empty if it is not that.
[[nodiscard]] std::string ReadName(const common::yaml::Value& value);

/// The same without dots, at most 63; `otherwise` where there is none.
[[nodiscard]] std::string ReadNamespace(const common::yaml::Value& value,
                                        const std::string& otherwise);

/// Reads metadata: name and, if `name_space` is not null, namespace. One that is empty must be
/// given; else it stays where none is. Labels and annotations are for others.
void ReadMetadata(const common::yaml::Value& value, std::string& name, std::string* name_space);

[[nodiscard]] Selector ReadSelector(const common::yaml::Value& value);

/// The key of a label, as Kubernetes has it: "tier", "app.kubernetes.io/part-of".
[[nodiscard]] std::string ReadLabelKey(const common::yaml::Value& value);

/// A share above 0 % and at most `most`.
[[nodiscard]] std::optional<double> ReadShare(const common::yaml::Value& value, double most);

/// A quantity above 0.
[[nodiscard]] std::optional<double> ReadAmount(const common::yaml::Value& value);

/// True for `auto`, false for `off`, which also may come as the `false` that YAML 1.1 makes of it.
[[nodiscard]] std::optional<bool> ReadAutoOrOff(const common::yaml::Value& value);

/// Names that the writer chose (of schedules, pools, shapes, overrides): letters, digits, '-', '_'
/// and '.', at most 63. At most `most` of them; none if there are more.
[[nodiscard]] std::vector<std::pair<std::string, common::yaml::Value>> ReadNamed(
    const common::yaml::Value& value, std::size_t most);

/// Reads signals over what `signals` holds already.
void ReadSignals(const common::yaml::Value& value, engine::Signals& signals);

/// Reads schedules of bounds over those of the same name that `schedules` holds already.
void ReadSchedules(const common::yaml::Value& value, std::vector<BoundsSchedule>& schedules);

/// Reads schedules of spare capacity.
void ReadSchedules(const common::yaml::Value& value, std::vector<SpareSchedule>& schedules);

}  // namespace scaler::policy

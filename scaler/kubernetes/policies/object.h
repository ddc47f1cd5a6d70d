#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/kubernetes/object.h"
#include "common/result.h"
#include "scaler/policy/combine.h"

namespace scaler::kubernetes::policies {

enum class ObjectKind { kScalingPolicy, kScalingGroup, kCapacityPolicy };

inline constexpr std::array kObjectKinds = {ObjectKind::kScalingPolicy, ObjectKind::kScalingGroup,
                                            ObjectKind::kCapacityPolicy};

inline constexpr const char* kApiVersion = "trimtab.io/v1alpha1";

[[nodiscard]] const char* KindName(ObjectKind kind);  ///< "ScalingPolicy"

/// "/apis/trimtab.io/v1alpha1/scalingpolicies", of all namespaces.
[[nodiscard]] std::string CollectionOf(ObjectKind kind);

struct ObjectRef {
  ObjectKind kind = ObjectKind::kScalingPolicy;
  std::string name_space;  ///< Empty but for a ScalingPolicy.
  std::string name;

  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

/// "ScalingPolicy shops/web": what problems call it, and the file of its documents.
[[nodiscard]] std::string SourceName(const ObjectRef& ref);

/// "/apis/trimtab.io/v1alpha1/namespaces/shops/scalingpolicies/web".
[[nodiscard]] std::string PathOf(const ObjectRef& ref);

/// What of an object is looked at; the views live as long as the object's JSON.
struct ObjectParts {
  std::int64_t generation = 0;  ///< The server counts it up with every change of the spec.
  std::string_view spec;        ///< JSON; empty: there is none.
  std::string_view status;      ///< The same.
};

/// Fails with bad_message where the JSON is none; parts of another shape are left out.
[[nodiscard]] common::Result<ObjectParts> ReadParts(std::string_view json);

/// The one document that the object is. Problems name the object and the field: the columns of
/// JSON in one line are of no use to anybody.
[[nodiscard]] policy::Source ReadObject(const ObjectRef& ref, std::string_view spec, int rank);

/// The files of a ConfigMap (of `data`, by key, *.yaml and *.yml) as sources. Policies in them must
/// name their namespace. `name_space` and `name` are the map's.
[[nodiscard]] std::vector<policy::Source> ReadConfigMap(const common::kubernetes::ObjectView& map,
                                                        int rank);

}  // namespace scaler::kubernetes::policies

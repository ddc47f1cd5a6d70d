#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/kubernetes/policies/object.h"
#include "scaler/kubernetes/policies/object_store.h"
#include "scaler/kubernetes/policies/policy_sums.h"
#include "scaler/kubernetes/policies/status.h"
#include "scaler/loop/status.h"
#include "scaler/policy/policy_set.h"

namespace scaler::kubernetes::policies {

/// Makes the statuses of objects from one state of the loop. Pure; what it is given outlives it.
class StatusMaker {
 public:
  /// `refused`: what is wrong with sources by themselves.
  StatusMaker(const loop::Status& status, const policy::PolicySet& set,
              const std::vector<common::yaml::Problem>& refused);

  [[nodiscard]] ObjectStatus Make(const ObjectRef& ref, const StoredObject& object) const;

 private:
  [[nodiscard]] const policy::Documents* InForce(const std::string& source) const;
  [[nodiscard]] Condition Valid(const std::string& source, bool in_force) const;
  void MakePolicy(const ObjectRef& ref, const policy::Documents* in_force,
                  ObjectStatus& status) const;
  void MakeGroup(const ObjectRef& ref, const policy::Documents* in_force,
                 ObjectStatus& status) const;
  /// `told`: what its status has as the last decision; null: nothing.
  void MakeCapacity(const ObjectRef& ref, const policy::Documents* in_force,
                    const LastDecision* told, ObjectStatus& status) const;

  const loop::Status& status_;
  const policy::PolicySet& set_;
  std::map<std::string, std::vector<const common::yaml::Problem*>> refused_;  ///< By source.
  std::unordered_map<std::string_view, PolicySums> sums_;
};

}  // namespace scaler::kubernetes::policies

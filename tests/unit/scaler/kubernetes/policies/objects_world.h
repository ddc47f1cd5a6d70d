#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "scaler/kubernetes/policies/policy_objects.h"
#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace scaler::kubernetes::policies {

inline constexpr const char* kPolicies = "/apis/trimtab.io/v1alpha1/scalingpolicies";
inline constexpr const char* kGroups = "/apis/trimtab.io/v1alpha1/scalinggroups";
inline constexpr const char* kCapacity = "/apis/trimtab.io/v1alpha1/capacitypolicies";
inline constexpr const char* kConfigMaps = "/api/v1/configmaps";

/// The spec of a good policy for the workload of that name.
inline std::string SpecFor(const std::string& target) {
  return R"({"target":{"name":")" + target +
         R"("},"replicas":{"max":5},"signals":{"cpu":{"utilization":"70%"}}})";
}

class NoWorkloads final : public platform::Platform {
 public:
  [[nodiscard]] platform::Workloads List() const override { return {}; }
  void Scale(const platform::WorkloadId& /*workload*/, int /*replicas*/,
             std::function<void(common::Result<void>)> /*done*/) override {}
  void OnChange(std::function<void()> /*changed*/) override {}
};

/// Policies in an API server of the test, and who reads them.
class ObjectsWorld : public testing::Test {
 protected:
  ObjectsWorld() {
    for (const auto* const collection : {kPolicies, kConfigMaps}) {
      api_.Serve(collection);
    }
    for (const auto* const collection : {kGroups, kCapacity}) {
      api_.Serve(collection, {.namespaced = false, .has_status = true, .has_generation = true});
    }
  }

  void Start(PolicyObjectsOptions options = {}) {
    objects_ = std::make_unique<PolicyObjects>(executor_, client_, platform_, std::move(options));
    objects_->Start();
    executor_.RunFor(std::chrono::seconds(2));
  }

  tests::SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  common::kubernetes::Access access_;
  std::unique_ptr<common::kubernetes::TokenSource> tokens_ =
      common::kubernetes::MakeTokenSource(executor_, access_);
  common::kubernetes::Client client_{executor_, api_, *tokens_};
  NoWorkloads platform_;
  std::unique_ptr<PolicyObjects> objects_;
};

}  // namespace scaler::kubernetes::policies

#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/kubernetes/client.h"
#include "common/kubernetes/token_source.h"
#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace tests {

/// An API server with pods, in virtual time.
class ClusterOfPods : public testing::Test {
 protected:
  static constexpr const char* kPods = "/api/v1/pods";

  ClusterOfPods() { api_.Serve(kPods); }

  /// `status` and `more` (of the metadata) are JSON with a leading comma where they are not empty.
  void PutPod(const std::string& name_space, const std::string& name, const std::string& node,
              const std::string& status, const std::string& more = "") {
    api_.PutObject(kPods, fmt::format(R"({{"metadata":{{"name":"{}","namespace":"{}"{}}},
        "spec":{{"nodeName":"{}","containers":[{{"name":"a"{}}}]}},"status":{{{}}}}})",
                                      name, name_space, more, node, ports_, status));
  }

  SimulatedExecutor executor_{common::WallTime(std::chrono::hours(24 * 365))};
  FakeApi api_{executor_};
  common::kubernetes::Access access_;
  std::unique_ptr<common::kubernetes::TokenSource> tokens_ =
      common::kubernetes::MakeTokenSource(executor_, access_);
  common::kubernetes::Client client_{executor_, api_, *tokens_};
  std::string ports_;
};

}  // namespace tests

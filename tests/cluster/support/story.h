#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/install.h"
#include "tests/cluster/support/scaler.h"
#include "tests/cluster/support/signal_source.h"

namespace cluster {

/// Ten requests in flight a replica, without any headroom: numbers that can be told in advance.
/// `more`: further keys of the spec, each with its indentation of two.
[[nodiscard]] std::string Policy(const std::string& name_space, const std::string& target, int min,
                                 int max, const std::string& more = "");

/// A test with a namespace of its own, beside one scaler and one source of signals that all tests
/// of the binary share.
class Story : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  /// What SetUpTestSuite does, with a scaler that listens to further agents too.
  static void StartScaler(std::vector<std::string> agents);
  void TearDown() override;

  [[nodiscard]] static SignalSource& Source() { return *source_; }
  [[nodiscard]] static Scaler& OurScaler() { return *scaler_; }

  void Apply(const std::string& manifest) const;
  /// kubectl with the story's namespace; its output, empty where it fails.
  [[nodiscard]] std::string Ask(std::vector<std::string> arguments) const;
  [[nodiscard]] std::string Field(const std::string& object, const std::string& path) const;
  [[nodiscard]] bool Becomes(const std::string& deployment, int replicas) const;
  /// A workload `name` with a policy and so many requests in flight, at its first right number.
  void Begin(const std::string& name, int in_flight, int min, int max,
             const std::string& more = "") const;

  const std::string namespace_ = NewNamespace("story");

 private:
  static std::unique_ptr<SignalSource> source_;
  static std::unique_ptr<Scaler> scaler_;
};

}  // namespace cluster

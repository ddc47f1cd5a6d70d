// Runs the tests of one binary on one control plane, or says that there is none.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/cluster/support/control_plane.h"

namespace {

class EndOfPlane : public testing::Environment {
 public:
  void TearDown() override { cluster::EndPlane(); }
};

}  // namespace

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // As ctest is told.
  testing::InitGoogleTest(&argc, argv);
  if (!cluster::IsBuilt()) {
    std::puts("skipped: there is no control plane; scripts/test --cluster builds it with Go");
    return kSkipped;
  }
  testing::AddGlobalTestEnvironment(new EndOfPlane);
  return RUN_ALL_TESTS();
}

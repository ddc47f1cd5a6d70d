#include "scaler/kubernetes/workloads/packed_replica.h"

#include <gtest/gtest.h>

#include <string>

namespace scaler::kubernetes::workloads {
namespace {

using std::chrono::seconds;

platform::Replica Full() {
  platform::Replica replica;
  replica.id = "web-6f5-x";
  replica.phase = platform::Phase::kDraining;
  replica.since = common::WallTime(seconds(10));
  replica.restarts = 3;
  replica.address = "2001:db8:0:1:1:1:1:1";
  replica.created = common::MonotonicTime(seconds(0));
  replica.last_end =
      platform::End{engine::Pod::End::kOutOfMemory, common::MonotonicTime(seconds(7))};
  replica.ready_changed = common::MonotonicTime(seconds(8));
  replica.has_served = true;
  replica.pending = true;
  replica.waits = "0/3 nodes are available";
  replica.revision = "6f5";
  return replica;
}

TEST(PackedReplica, ComesBackAsItWas) {
  EXPECT_EQ(PackedReplica(Full()).Unpack("web-6f5-x"), Full());
  EXPECT_EQ(PackedReplica().Unpack(""), platform::Replica());
}

TEST(PackedReplica, DiffersWhereTheReplicaDoes) {
  const PackedReplica before(Full());
  EXPECT_EQ(PackedReplica(Full()), before);
  auto other = Full();
  other.address.pop_back();
  other.revision.insert(0, "1");
  EXPECT_NE(PackedReplica(other), before) << "the same text, cut elsewhere";
  other = Full();
  other.last_end.reset();
  EXPECT_NE(PackedReplica(other), before);
}

TEST(PackedReplica, CutsWhatNoServerSends) {
  auto strange = Full();
  strange.revision = std::string(100'000, 'x');
  const auto back = PackedReplica(strange).Unpack(strange.id);
  EXPECT_EQ(back.revision.size(), 65'535U);
  EXPECT_EQ(back.waits, strange.waits);
}

}  // namespace
}  // namespace scaler::kubernetes::workloads

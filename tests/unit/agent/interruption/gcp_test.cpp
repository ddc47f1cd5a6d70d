#include <gmock/gmock.h>

#include "agent/interruption/protocol.h"
#include "unit/agent/interruption/scripted_service.h"

namespace agent::interruption {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPreempted = "/computeMetadata/v1/instance/preempted";
constexpr const char* kMaintenance = "/computeMetadata/v1/instance/maintenance-event";

class GcpTest : public ::testing::Test {
 protected:
  GcpTest() {
    Say(kPreempted, "FALSE");
    Say(kMaintenance, "NONE");
  }
  void Say(const char* target, const std::string& body) {
    service_.Say(target, 200, body, {{"metadata-flavor", "Google"}});
  }
  common::Result<std::vector<Sighting>> Look() {
    return protocol_->Look(service_.AskIt(), common::MonotonicTime{});
  }

  ScriptedService service_;
  std::unique_ptr<Protocol> protocol_ = MakeProtocol(Provider::kGcp);
};

TEST_F(GcpTest, NoneAndFalseAreNoNotice) {
  const auto seen = Look();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(*seen, IsEmpty());
  EXPECT_EQ(service_.asked[0].headers.at("Metadata-Flavor"), "Google");
}

TEST_F(GcpTest, APreemptionIsWithinThirtySeconds) {
  Say(kPreempted, "TRUE");
  EXPECT_THAT(Look().value(),
              ElementsAre(Sighting{Kind::kSpot, std::nullopt, std::chrono::seconds(30)}));
}

TEST_F(GcpTest, ATerminationForMaintenanceIsWithinAMinute) {
  Say(kMaintenance, "TERMINATE_ON_HOST_MAINTENANCE");
  EXPECT_THAT(Look().value(),
              ElementsAre(Sighting{Kind::kMaintenance, std::nullopt, std::chrono::seconds(60)}));
}

TEST_F(GcpTest, ALiveMigrationIsNoNotice) {
  Say(kMaintenance, "MIGRATE_ON_HOST_MAINTENANCE");
  EXPECT_THAT(Look().value(), IsEmpty());
}

TEST_F(GcpTest, SomebodyElsesPageIsNoAnswer) {
  service_.Say(kPreempted, 200, "FALSE");
  EXPECT_THAT(Look().error().what, HasSubstr("no Metadata-Flavor"));
  Say(kPreempted, "<html>");
  EXPECT_THAT(Look().error().what, HasSubstr("neither TRUE nor FALSE"));
  Say(kPreempted, "TRUE");
  Say(kMaintenance, "PARTY");
  EXPECT_FALSE(Look());
}

}  // namespace
}  // namespace agent::interruption

#include <gmock/gmock.h>

#include "agent/interruption/protocol.h"
#include "unit/agent/interruption/scripted_service.h"

namespace agent::interruption {
namespace {

using common::MonotonicTime;
using common::WallTime;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kToken = "/latest/api/token";
constexpr const char* kAction = "/latest/meta-data/spot/instance-action";
constexpr const char* kRebalance = "/latest/meta-data/events/recommendations/rebalance";
constexpr const char* kScheduled = "/latest/meta-data/events/maintenance/scheduled";

/// The documentation's own example.
constexpr const char* kActionBody = R"({"action": "terminate", "time": "2017-09-18T08:22:00Z"})";
constexpr WallTime kActionTime = WallTime(seconds(1'505'722'920));

class AwsTest : public ::testing::Test {
 protected:
  AwsTest() { GiveToken("one", "21600"); }

  void GiveToken(const std::string& token, const std::string& ttl) {
    service_.Say(kToken, 200, token, {{"x-aws-ec2-metadata-token-ttl-seconds", ttl}});
  }
  common::Result<std::vector<Sighting>> Look(seconds at = seconds(1000)) {
    return protocol_->Look(service_.AskIt(), MonotonicTime(at));
  }

  ScriptedService service_;
  std::unique_ptr<Protocol> protocol_ = MakeProtocol(Provider::kAws);
};

TEST_F(AwsTest, NothingFoundIsNoNotice) {
  const auto seen = Look();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(*seen, IsEmpty());
  ASSERT_THAT(service_.asked, SizeIs(4));
  EXPECT_EQ(service_.asked[0].method, "PUT");
  EXPECT_EQ(service_.asked[0].headers.at("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(service_.asked[1].headers.at("x-aws-ec2-metadata-token"), "one");
}

TEST_F(AwsTest, SeesAnInterruptionARebalanceAndMaintenance) {
  service_.Say(kAction, 200, kActionBody);
  service_.Say(kRebalance, 200, R"({"noticeTime": "2017-09-18T08:22:00Z"})");
  service_.Say(kScheduled, 200,
               R"([{"NotBefore": "21 Jan 2019 09:00:43 GMT", "Code": "system-reboot",
                    "Description": "scheduled reboot", "EventId": "instance-event-1",
                    "NotAfter": "21 Jan 2019 09:17:23 GMT", "State": "active"}])");
  const auto seen = Look();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(*seen, ElementsAre(Sighting{Kind::kSpot, kActionTime},
                                 Sighting{Kind::kRebalance, kActionTime},
                                 Sighting{Kind::kMaintenance, WallTime(seconds(1'548'061'243))}));
}

TEST_F(AwsTest, MaintenanceThatIsCompletedOrCanceledIsNone) {
  service_.Say(kScheduled, 200, R"([{"NotBefore": "1 Jan 2019 09:00:43 GMT", "State": "completed"},
                                    {"NotBefore": "1 Jan 2019 09:00:43 GMT", "State": "canceled"}])");
  EXPECT_THAT(Look().value(), IsEmpty());
}

TEST_F(AwsTest, KeepsItsTokenAndRenewsItBeforeItEnds) {
  ASSERT_TRUE(Look(seconds(0)));
  ASSERT_TRUE(Look(hours(6) - seconds(61)));
  EXPECT_EQ(service_.Asked(kToken), 1U);
  ASSERT_TRUE(Look(hours(6) - seconds(60)));
  EXPECT_EQ(service_.Asked(kToken), 2U);
}

TEST_F(AwsTest, AShortTokenIsRenewedAtHalfOfItsTime) {
  GiveToken("short", "10");
  ASSERT_TRUE(Look(seconds(0)));
  ASSERT_TRUE(Look(seconds(4)));
  EXPECT_EQ(service_.Asked(kToken), 1U);
  ASSERT_TRUE(Look(seconds(5)));
  EXPECT_EQ(service_.Asked(kToken), 2U);
}

TEST_F(AwsTest, ATokenThatIsRefusedIsReplacedOnce) {
  service_.Say(kAction, 401, "");
  EXPECT_THAT(Look().error().what, HasSubstr("answers 401"));
  EXPECT_EQ(service_.Asked(kToken), 2U);
  service_.Say(kAction, 200, kActionBody);
  EXPECT_THAT(Look().value(), SizeIs(1));
}

TEST_F(AwsTest, WithoutATokenNothingIsAsked) {
  service_.Say(kToken, 403, "");
  EXPECT_THAT(Look().error().what, HasSubstr("gives no token"));
  EXPECT_THAT(service_.asked, SizeIs(1));
  GiveToken("two\r\nX-Evil: yes", "60");
  EXPECT_FALSE(Look());
  GiveToken(std::string(2000, 'x'), "60");
  EXPECT_FALSE(Look());
}

TEST_F(AwsTest, AServiceThatDoesNotAnswerIsNoWordThatThereIsNoNotice) {
  service_.BreakOff();
  EXPECT_EQ(Look().error().code, std::errc::timed_out);
}

TEST_F(AwsTest, AnErrorIsNoWordThatThereIsNoNotice) {
  service_.Say(kAction, 500, "");
  EXPECT_FALSE(Look());
}

TEST(AwsParsers, RefuseWhatIsNotOfTheProtocol) {
  for (const auto* body :
       {"", "{", "null", "[]", "3", R"("x")", "{}", R"({"time": 3})", R"({"time": "soon"})",
        R"({"time": "2017-09-18T08:22:00Z and more"})", R"({"time": "2017-99-18T08:22:00Z"})"}) {
    EXPECT_FALSE(ParseAwsAction(body)) << body;
    EXPECT_FALSE(ParseAwsRebalance(body)) << body;
  }
  for (const auto* body : {"", "{}", "null", "[3]", "[{}]", R"([{"State": "active"}])",
                           R"([{"State": "active", "NotBefore": "tomorrow"}])"}) {
    EXPECT_FALSE(ParseAwsMaintenance(body)) << body;
  }
}

}  // namespace
}  // namespace agent::interruption

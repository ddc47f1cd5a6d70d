#include "scaler/local/cloud/metadata.h"

#include <gmock/gmock.h>

namespace scaler::local::cloud {
namespace {

using common::MonotonicTime;
using common::WallTime;
using exporters::HttpRequest;
using exporters::HttpResponse;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr MonotonicTime kNow = MonotonicTime(seconds(1000));
constexpr WallTime kDeadline = WallTime(seconds(1'505'722'920));  // 2017-09-18T08:22:00Z
constexpr const char* kTtl = "x-aws-ec2-metadata-token-ttl-seconds";
constexpr const char* kMetadata = "/latest/meta-data/";

Node SpotNode() {
  Node node;
  node.name = "spot-a-1";
  node.zone = "a";
  node.type = CapacityType::kSpot;
  node.instance_type = "m5.large";
  return node;
}

class Aws : public ::testing::Test {
 protected:
  HttpResponse Put(const std::map<std::string, std::string>& headers, MonotonicTime now = kNow) {
    return service_.Answer({.method = "PUT", .path = "/latest/api/token", .headers = headers},
                           node_, now);
  }
  HttpResponse Get(const std::string& path, const std::string& token, MonotonicTime now = kNow) {
    return service_.Answer({.method = "GET",
                            .path = kMetadata + path,
                            .headers = {{"x-aws-ec2-metadata-token", token}}},
                           node_, now);
  }
  HttpResponse Get(const std::string& path) { return Get(path, token_); }

  AwsMetadata service_;
  Node node_ = SpotNode();
  const std::string token_ = Put({{kTtl, "21600"}}).body;
};

TEST_F(Aws, WithoutAGoodTokenNothingIsTold) {
  EXPECT_EQ(service_.Answer({.method = "GET", .path = "/latest/meta-data/"}, node_, kNow).status,
            401);
  EXPECT_EQ(Get("instance-id", "guessed").status, 401);
  EXPECT_EQ(Get("instance-id").status, 200);
}

TEST_F(Aws, ATokenEndsWithItsTime) {
  const auto token = Put({{kTtl, "10"}}).body;
  const auto answer = Get("instance-id", token, kNow + seconds(4));
  EXPECT_EQ(answer.headers.at("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), "6");
  EXPECT_EQ(Get("instance-id", token, kNow + seconds(9)).status, 200);
  EXPECT_EQ(Get("instance-id", token, kNow + seconds(10)).status, 401);
}

TEST_F(Aws, ATokenLivesForOneSecondToSixHours) {
  EXPECT_EQ(Put({}).status, 400);
  for (const auto* bad : {"", "0", "21601", "-1", "ten", "1.5"}) {
    EXPECT_EQ(Put({{kTtl, bad}}).status, 400) << bad;
  }
  EXPECT_EQ(Put({{kTtl, "1"}}).status, 200);
  EXPECT_EQ(Put({{kTtl, "21600"}}).status, 200);
}

TEST_F(Aws, AProxyGetsNoToken) {
  EXPECT_EQ(Put({{kTtl, "60"}, {"x-forwarded-for", "10.0.0.1"}}).status, 403);
}

TEST_F(Aws, TellsWhatTheNodeIs) {
  EXPECT_THAT(Get("instance-id").body, ::testing::MatchesRegex("i-[0-9a-f]+"));
  EXPECT_EQ(Get("instance-id").body.size(), 19U);
  EXPECT_EQ(Get("placement/availability-zone").body, "a");
  EXPECT_EQ(Get("instance-type").body, "m5.large");
  EXPECT_EQ(Get("instance-life-cycle").body, "spot");
  EXPECT_EQ(Get("").body,
            "events/\ninstance-id\ninstance-life-cycle\ninstance-type\nlocal-hostname\nplacement/");
}

TEST_F(Aws, WithoutANoticeThereIsNothingToBeFound) {
  for (const auto* path : {"spot/instance-action", "spot/termination-time",
                           "events/recommendations/rebalance", "spot/", "ghost"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("events/maintenance/scheduled").body, "[]");
}

TEST_F(Aws, TellsAnInterruptionWithItsTime) {
  node_.reclaim = Notice{kNow, kDeadline};
  EXPECT_EQ(Get("spot/instance-action").body,
            R"({"action":"terminate","time":"2017-09-18T08:22:00Z"})");
  EXPECT_EQ(Get("spot/termination-time").body, "2017-09-18T08:22:00Z");
}

TEST_F(Aws, TellsARebalanceAndMaintenance) {
  node_.rebalance = kDeadline;
  node_.maintenance = Notice{kNow, WallTime(seconds(1'546'333'243))};
  EXPECT_EQ(Get("events/recommendations/rebalance").body,
            R"({"noticeTime":"2017-09-18T08:22:00Z"})");
  EXPECT_THAT(Get("events/maintenance/scheduled").body,
              HasSubstr(R"("NotBefore":"1 Jan 2019 09:00:43 GMT")"));
}

HttpRequest Gcp(const std::string& key, std::map<std::string, std::string> query = {}) {
  return {.method = "GET",
          .path = "/computeMetadata/v1/instance/" + key,
          .query = std::move(query),
          .headers = {{"metadata-flavor", "Google"}}};
}

TEST(Gcp, WithoutItsHeaderNothingIsTold) {
  auto request = Gcp("preempted");
  request.headers.clear();
  EXPECT_EQ(AnswerAsGcp(request, SpotNode()).response.status, 403);
  request.headers = {{"metadata-flavor", "google"}};
  EXPECT_EQ(AnswerAsGcp(request, SpotNode()).response.status, 403);
}

TEST(Gcp, TellsOfAPreemption) {
  auto node = SpotNode();
  const auto before = AnswerAsGcp(Gcp("preempted"), node).response;
  EXPECT_EQ(before.body, "FALSE");
  EXPECT_EQ(before.headers.at("Metadata-Flavor"), "Google");
  node.reclaim = Notice{};
  const auto after = AnswerAsGcp(Gcp("preempted"), node).response;
  EXPECT_EQ(after.body, "TRUE");
  EXPECT_NE(after.headers.at("ETag"), before.headers.at("ETag"));
  EXPECT_EQ(AnswerAsGcp(Gcp("zone"), node).response.body, "projects/0/zones/a");
  EXPECT_EQ(AnswerAsGcp(Gcp("ghost"), node).response.status, 404);
}

TEST(Gcp, WhoWaitsForAChangeWaitsUnlessItMissedOne) {
  const auto node = SpotNode();
  const auto etag = AnswerAsGcp(Gcp("preempted"), node).response.headers.at("ETag");
  EXPECT_FALSE(AnswerAsGcp(Gcp("preempted"), node).waits);
  EXPECT_TRUE(AnswerAsGcp(Gcp("preempted", {{"wait_for_change", "true"}}), node).waits);
  const auto timed = AnswerAsGcp(
      Gcp("preempted", {{"wait_for_change", "true"}, {"last_etag", etag}, {"timeout_sec", "7"}}),
      node);
  EXPECT_TRUE(timed.waits);
  EXPECT_EQ(timed.patience, seconds(7));
  EXPECT_FALSE(
      AnswerAsGcp(Gcp("preempted", {{"wait_for_change", "true"}, {"last_etag", "0"}}), node).waits);
}

HttpRequest Azure(const std::string& method = "GET", std::string body = {}) {
  return {.method = method,
          .path = "/metadata/scheduledevents",
          .query = {{"api-version", "2020-07-01"}},
          .headers = {{"metadata", "true"}},
          .body = std::move(body)};
}

TEST(Azure, WantsItsHeaderAndAVersion) {
  auto request = Azure();
  request.headers.clear();
  EXPECT_EQ(AnswerAsAzure(request, SpotNode()).response.status, 400);
  request = Azure();
  request.query.clear();
  EXPECT_EQ(AnswerAsAzure(request, SpotNode()).response.status, 400);
}

TEST(Azure, ListsAPreemptionAndCountsItsDocument) {
  auto node = SpotNode();
  EXPECT_EQ(AnswerAsAzure(Azure(), node).response.body, R"({"DocumentIncarnation":0,"Events":[]})");
  node.reclaim = Notice{kNow, kDeadline};
  node.notices = 1;
  const auto body = AnswerAsAzure(Azure(), node).response.body;
  EXPECT_THAT(body, HasSubstr(R"("DocumentIncarnation":1)"));
  EXPECT_THAT(body, HasSubstr(R"("EventType":"Preempt")"));
  EXPECT_THAT(body, HasSubstr(R"("NotBefore":"Mon, 18 Sep 2017 08:22:00 GMT")"));
}

TEST(Azure, TheStartOfAnEventThatIsThereIsAnAcknowledgement) {
  auto node = SpotNode();
  const std::string start = R"({"StartRequests": [{"EventId": "spot-a-1-Preempt-1"}]})";
  EXPECT_EQ(AnswerAsAzure(Azure("POST", start), node).response.status, 400);
  node.reclaim = Notice{kNow, kDeadline};
  node.notices = 1;
  const auto answer = AnswerAsAzure(Azure("POST", start), node);
  EXPECT_EQ(answer.response.status, 200);
  EXPECT_TRUE(answer.acknowledged);
  for (const auto* bad : {"", "{}", R"({"StartRequests": []})", R"({"StartRequests": [3]})",
                          R"({"StartRequests": [{"EventId": "other"}]})"}) {
    EXPECT_EQ(AnswerAsAzure(Azure("POST", bad), node).response.status, 400) << bad;
  }
}

}  // namespace
}  // namespace scaler::local::cloud

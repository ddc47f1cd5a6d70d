#include "scaler/local/cloud/api.h"

#include <gmock/gmock.h>

#include <optional>

#include "support/simulated_executor.h"
#include "unit/scaler/local/cloud/small_cloud.h"

namespace scaler::local::cloud {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// An API over a small cloud, in virtual time.
class ApiTest : public ::testing::Test {
 protected:
  /// Asks; the answer is there once there is one.
  std::shared_ptr<std::optional<HttpResponse>> Ask(HttpRequest request) {
    auto answer = std::make_shared<std::optional<HttpResponse>>();
    api_.Handle(request, [answer](HttpResponse response) { *answer = std::move(response); });
    return answer;
  }
  std::shared_ptr<std::optional<HttpResponse>> AskForNews(const std::string& after) {
    return Ask(
        {.method = "GET", .path = "/v1/nodes", .query = {{"after", after}, {"wait", "5000"}}});
  }
  std::shared_ptr<std::optional<HttpResponse>> Order(const std::string& token) {
    return Ask({.method = "POST",
                .path = "/v1/orders",
                .body = Encode(platform::NodeOrder{token, "spot", "a", 1})});
  }
  std::shared_ptr<std::optional<HttpResponse>> Do(const Mischief& mischief) {
    return Ask({.method = "POST", .path = "/v1/mischief", .body = Encode(mischief)});
  }
  [[nodiscard]] std::string Revision() const { return std::to_string(cloud_.Latest().revision); }
  static std::size_t NodesIn(const HttpResponse& response) {
    return DecodeListing(response.body).value().nodes.size();
  }

  tests::SimulatedExecutor executor_{common::WallTime(milliseconds(1'700'000'000'000))};
  const Spec spec_ = SmallCloud::MakeSpec();
  Cloud cloud_{spec_, State{}};
  std::optional<common::Error> disk_;  ///< Why nothing can be saved.
  Api api_{executor_, cloud_, [this]() -> common::Result<void> {
             api_.Changed();
             return disk_ ? common::Result<void>(tl::make_unexpected(*disk_))
                          : common::Result<void>();
           }};
};

TEST_F(ApiTest, AnOrderIsTakenAndListed) {
  EXPECT_EQ((*Order("t"))->status, 200);
  const auto list = Ask({.method = "GET", .path = "/v1/nodes"});
  EXPECT_EQ(NodesIn(**list), 1U);
}

TEST_F(ApiTest, ARefusalSaysWhy) {
  ASSERT_EQ((*Do({.what = Mischief::What::kTrouble}))->status, 200);
  const auto answer = Order("t");
  EXPECT_EQ((*answer)->status, 409);
  EXPECT_EQ(DecodeRefusal((*answer)->body)->why, platform::Refusal::Why::kStockOut);
}

TEST_F(ApiTest, WhoAsksForNewsWaitsForThem) {
  const auto news = AskForNews(Revision());
  EXPECT_FALSE(*news);
  (void)Order("t");
  ASSERT_TRUE(*news);
  EXPECT_EQ(NodesIn(**news), 1U);
}

TEST_F(ApiTest, NoNewsAreToldInTheEnd) {
  const auto news = AskForNews(Revision());
  executor_.RunFor(milliseconds(4999));
  EXPECT_FALSE(*news);
  executor_.RunFor(milliseconds(1));
  EXPECT_TRUE(*news);
}

TEST_F(ApiTest, WhoKnowsALaterStateThanOursLearnsOurs) { EXPECT_TRUE(*AskForNews("999")); }

TEST_F(ApiTest, SlowAnswersComeLateButTroubleCanBeEnded) {
  ASSERT_EQ((*Do({.what = Mischief::What::kTrouble,
                  .kind = Trouble::Kind::kSlowAnswers,
                  .by = seconds(3)}))
                ->status,
            200);
  const auto answer = Order("t");
  EXPECT_FALSE(*answer);
  executor_.RunFor(seconds(3));
  EXPECT_TRUE(*answer);
  EXPECT_TRUE(*Do({.what = Mischief::What::kCalm}));
  EXPECT_TRUE(*Order("u"));
}

TEST_F(ApiTest, AStaleListShowsWhatWasUntilItEnds) {
  (void)Order("t");
  (void)Do({.what = Mischief::What::kTrouble, .kind = Trouble::Kind::kStaleList});
  const auto before = Ask({.method = "GET", .path = "/v1/nodes"});
  (void)Order("u");
  EXPECT_EQ(NodesIn(**Ask({.method = "GET", .path = "/v1/nodes"})), 1U);
  const auto news = AskForNews(std::to_string(DecodeListing((*before)->body)->revision));
  EXPECT_FALSE(*news);
  (void)Do({.what = Mischief::What::kCalm});
  ASSERT_TRUE(*news);
  EXPECT_EQ(NodesIn(**news), 2U);
}

TEST_F(ApiTest, WhatCannotBeSavedIsNotSaidToBeDone) {
  disk_ = common::Error{std::make_error_code(std::errc::no_space_on_device), "the disk is full"};
  const auto answer = Order("t");
  EXPECT_EQ((*answer)->status, 500);
  EXPECT_THAT((*answer)->body, HasSubstr("the disk is full"));
}

TEST_F(ApiTest, WhatItDoesNotUnderstandIsRefused) {
  EXPECT_EQ((*Ask({.method = "POST", .path = "/v1/orders", .body = "{"}))->status, 400);
  EXPECT_EQ((*Ask({.method = "POST", .path = "/v1/mischief", .body = "{}"}))->status, 400);
  EXPECT_EQ((*Ask({.method = "GET", .path = "/v2"}))->status, 404);
  EXPECT_EQ((*Ask({.method = "POST", .path = "/v1/nodes"}))->status, 404);
  EXPECT_EQ((*Ask({.method = "DELETE", .path = "/v1/nodes/ghost"}))->status, 200);
}

}  // namespace
}  // namespace scaler::local::cloud

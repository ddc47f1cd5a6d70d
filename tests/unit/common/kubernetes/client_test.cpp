#include "common/kubernetes/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "support/fake_api/fake_api.h"
#include "support/simulated_executor.h"

namespace common::kubernetes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kPods = "/api/v1/pods";

class Tokens final : public TokenSource {
 public:
  void Get(const std::string& refused, Done done) override {
    done(refused == token ? next : token);
    token = refused == token ? next : token;
  }
  std::string token;
  std::string next;
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() { api_.Serve(kPods); }

  static Request Get(const std::string& target = std::string(kPods) + "?limit=5") {
    Request request;
    request.target = target;
    return request;
  }

  void Ask(Request request) {
    pending_ = client_.Send(std::move(request),
                            [this](Outcome<std::string> outcome) { answer_ = std::move(outcome); });
  }

  tests::SimulatedExecutor executor_{WallTime(std::chrono::hours(24))};
  tests::FakeApi api_{executor_};
  Tokens tokens_;
  Client client_{executor_, api_, tokens_, {.rate = {.per_second = 10, .burst = 8}}};
  std::unique_ptr<Pending> pending_;
  std::optional<Outcome<std::string>> answer_;
};

TEST_F(ClientTest, GivesTheBody) {
  api_.Put(kPods, "shops", "a");
  Ask(Get());
  EXPECT_FALSE(answer_);
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && *answer_) << answer_->error().message;
  EXPECT_THAT(**answer_, HasSubstr(R"("name":"a")"));
}

TEST_F(ClientTest, UnpacksGzip) {
  api_.UseGzip(true);
  api_.Put(kPods, "shops", "a");
  Ask(Get());
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && *answer_) << answer_->error().message;
  EXPECT_THAT(**answer_, HasSubstr(R"("name":"a")"));
}

TEST_F(ClientTest, ARefusalHasReasonAndWords) {
  Ask(Get("/api/v1/nothings?limit=5"));
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(answer_->error().status, 404);
  EXPECT_EQ(answer_->error().reason, "NotFound");
  EXPECT_EQ(answer_->error().message, "GET /api/v1/nothings: 404 there is no /api/v1/nothings");
}

TEST_F(ClientTest, WhoIsTooManyIsAskedAgainWhenTheServerSays) {
  api_.FailNext("GET", kPods, {.status = 429, .headers = {{"retry-after", "3"}}});
  Ask(Get());
  executor_.RunFor(milliseconds(2900));
  EXPECT_FALSE(answer_);
  executor_.RunFor(milliseconds(200));
  ASSERT_TRUE(answer_ && *answer_) << answer_->error().message;
  EXPECT_EQ(api_.Count("GET", kPods), 2);
}

TEST_F(ClientTest, AThrottledRequestMayWantToKnow) {
  api_.FailNext("GET", kPods, {.status = 429, .headers = {{"retry-after", "3"}}});
  auto request = Get();
  request.again_when_throttled = false;
  Ask(std::move(request));
  executor_.RunFor(milliseconds(100));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(answer_->error().status, 429);
  EXPECT_EQ(answer_->error().retry_after, seconds(3));
  answer_.reset();
  Ask(Get());
  executor_.RunFor(milliseconds(100));
  EXPECT_TRUE(answer_ && *answer_) << "the others go on";
}

TEST_F(ClientTest, ARefusalWithoutAPromiseIsNotRepeated) {
  api_.FailNext("GET", kPods, {.status = 500});
  Ask(Get());
  executor_.RunFor(seconds(30));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(api_.Count("GET", kPods), 1);
}

TEST_F(ClientTest, ABrokenConnectionIsNoAnswer) {
  api_.FailNext("GET", kPods, {.breaks = true});
  Ask(Get());
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(answer_->error().status, 0);
  EXPECT_THAT(answer_->error().message, HasSubstr("the connection broke"));
}

TEST_F(ClientTest, TheDeadlineEndsAServerThatHangs) {
  api_.FailNext("GET", kPods, {.hangs = true});
  auto request = Get();
  request.deadline = seconds(7);
  Ask(std::move(request));
  executor_.RunFor(milliseconds(6999));
  EXPECT_FALSE(answer_);
  executor_.RunFor(milliseconds(2));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(answer_->error().message, "GET /api/v1/pods: no answer within 7s");
}

TEST_F(ClientTest, AnExpiredTokenIsReplacedOnce) {
  tokens_.token = "old";
  tokens_.next = "new";
  api_.AcceptTokens({"new"});
  Ask(Get());
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && *answer_) << answer_->error().message;
  EXPECT_EQ(api_.Count("GET", kPods), 2);
}

TEST_F(ClientTest, ATokenThatIsNeverGoodIsNotTriedForEver) {
  tokens_.token = "old";
  tokens_.next = "old";
  api_.AcceptTokens({"new"});
  Ask(Get());
  executor_.RunFor(seconds(60));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_EQ(answer_->error().status, 401);
  EXPECT_EQ(api_.Count("GET", kPods), 2);
}

TEST_F(ClientTest, WhoGivesUpHearsNothing) {
  Ask(Get());
  pending_.reset();
  executor_.RunFor(seconds(60));
  EXPECT_FALSE(answer_);
  EXPECT_EQ(api_.Count("GET", kPods), 0);
}

TEST_F(ClientTest, ALeaseOvertakesAQueueOfLists) {
  std::vector<std::unique_ptr<Pending>> held;
  int lists = 0;
  bool lease = false;
  int lists_before_lease = -1;
  for (int i = 0; i < 50; ++i) {
    auto request = Get();
    request.priority = Priority::kList;
    held.push_back(client_.Send(std::move(request), [&](const Outcome<std::string>&) { ++lists; }));
  }
  auto request = Get();
  request.priority = Priority::kLease;
  held.push_back(client_.Send(std::move(request), [&](const Outcome<std::string>& outcome) {
    lease = outcome.has_value();
    lists_before_lease = lists;
  }));
  executor_.RunFor(milliseconds(10));
  EXPECT_TRUE(lease);
  EXPECT_LE(lists_before_lease, 4);
  executor_.RunFor(seconds(10));
  EXPECT_EQ(lists, 50);
}

TEST_F(ClientTest, AnAnswerThatIsTooLargeIsRefused) {
  ClientOptions options;
  options.largest_body_bytes = 100;
  Client small(executor_, api_, tokens_, options);
  api_.Put(kPods, "shops", "a", "\"" + std::string(200, 'x') + "\"");
  pending_ =
      small.Send(Get(), [this](Outcome<std::string> outcome) { answer_ = std::move(outcome); });
  executor_.RunFor(seconds(1));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_THAT(answer_->error().message, HasSubstr("too large"));
  pending_.reset();
}

}  // namespace
}  // namespace common::kubernetes

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

/// Notes what is sent, and never answers.
class Outbox final : public Transport {
 public:
  std::unique_ptr<WireCall> Start(WireRequest request, WireEvents events) override {
    sent.push_back(request.method);
    last = std::move(events);
    return std::make_unique<WireCall>();
  }
  std::vector<std::string> sent;
  WireEvents last;
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

TEST_F(ClientTest, AWriteIsSentBeforeQueuedStatusesAndBeforeItsCallerGoesOn) {
  Outbox outbox;
  Client client(executor_, outbox, tokens_, {.rate = {.per_second = 10, .burst = 8}});
  std::vector<std::unique_ptr<Pending>> held;
  const auto send = [&](const char* method, Priority priority) {
    auto request = Get();
    request.method = method;
    request.priority = priority;
    held.push_back(client.Send(std::move(request), [](const Outcome<std::string>&) {}));
  };
  for (int i = 0; i < 20; ++i) {
    send("STATUS", Priority::kList);
  }
  executor_.RunFor(milliseconds(10));
  ASSERT_EQ(outbox.sent.size(), 4U) << "the others wait";
  for (std::size_t i = 0; i < 4; ++i) {
    send("PATCH", Priority::kWrite);
    EXPECT_EQ(outbox.sent.size(), 5U + i);
    EXPECT_EQ(outbox.sent.back(), "PATCH");
  }
  send("PATCH", Priority::kWrite);
  EXPECT_EQ(outbox.sent.size(), 8U) << "the server is asked no more than it may be";
  executor_.RunFor(milliseconds(100));
  ASSERT_EQ(outbox.sent.size(), 9U);
  EXPECT_EQ(outbox.sent.back(), "PATCH") << "it goes first";
}

TEST_F(ClientTest, SaysHowARequestHasGoneOut) {
  Outbox outbox;
  Client client(executor_, outbox, tokens_, {.rate = {.per_second = 10, .burst = 1}});
  std::vector<Sent> sent;
  std::vector<std::unique_ptr<Pending>> held;
  for (int i = 0; i < 2; ++i) {
    auto request = Get();
    request.priority = Priority::kWrite;
    request.on_sent = [&](const Sent& each) { sent.push_back(each); };
    held.push_back(client.Send(std::move(request), [](const Outcome<std::string>&) {}));
  }
  const auto asked = executor_.Monotonic();
  executor_.RunFor(milliseconds(150));
  ASSERT_EQ(outbox.sent.size(), 2U);
  outbox.last.on_sent(true);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].let_go - asked, milliseconds(100));
  EXPECT_EQ(sent[0].at - asked, milliseconds(150));
  EXPECT_TRUE(sent[0].kept);
}

TEST_F(ClientTest, AWriteWithoutATokenFailsAfterItsCallerHasGoneOn) {
  class NoTokens final : public TokenSource {
    void Get(const std::string& /*refused*/, Done done) override {
      done(Fail(std::errc::no_such_file_or_directory, "there is no token"));
    }
  };
  NoTokens none;
  Client client(executor_, api_, none);
  auto request = Get();
  request.priority = Priority::kWrite;
  pending_ = client.Send(std::move(request),
                         [this](Outcome<std::string> outcome) { answer_ = std::move(outcome); });
  EXPECT_FALSE(answer_);
  executor_.RunFor(milliseconds(1));
  ASSERT_TRUE(answer_ && !*answer_);
  EXPECT_THAT(answer_->error().message, HasSubstr("there is no token"));
  pending_.reset();
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

#include "exporters/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.h"
#include "unit/common/tls/authority.h"

namespace exporters {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kToken = "0123456789abcdef";

HttpRequest Ask(std::string path, std::string authorization = {}) {
  HttpRequest request{.method = "GET", .path = std::move(path)};
  if (!authorization.empty()) {
    request.headers["authorization"] = std::move(authorization);
  }
  return request;
}

class TokenGuard : public ::testing::Test {
 protected:
  TokenGuard() { tests::ReplaceFile(file_, std::string(kToken) + "\n"); }

  std::unique_ptr<common::tls::ReloadingTokens> Tokens() const {
    return common::tls::OpenTokens(file_).value();
  }

  tests::ScratchDirectory scratch_;
  std::string file_ = scratch_.Path() / "tokens";
};

TEST_F(TokenGuard, LetsTheTokenIn) {
  const Guard guard(Tokens(), false);

  EXPECT_FALSE(guard.Refuse(Ask("/metrics", std::string("Bearer ") + kToken)));
  EXPECT_FALSE(guard.Refuse(Ask("/metrics", std::string("bearer   ") + kToken + " ")));
}

TEST_F(TokenGuard, LetsTheTokenInBehindAProxyThatKeepsAuthorization) {
  const Guard guard(Tokens(), false);
  auto request = Ask("/metrics");
  request.headers["trimtab-token"] = kToken;
  EXPECT_FALSE(guard.Refuse(request));
  request.headers["trimtab-token"] = "0123456789abcdeX";
  EXPECT_TRUE(guard.Refuse(request));
  // Authorization goes before it.
  request.headers["trimtab-token"] = kToken;
  request.headers["authorization"] = "Bearer 0123456789abcdeX";
  EXPECT_TRUE(guard.Refuse(request));
}

TEST_F(TokenGuard, AsksForATokenWhereThereIsNone) {
  const Guard guard(Tokens(), false);

  for (const auto* const header : {"", "Bearer", "Bearer ", "Basic 0123456789abcdef", kToken}) {
    const auto refusal = guard.Refuse(Ask("/metrics", header));
    ASSERT_TRUE(refusal) << header;
    EXPECT_EQ(refusal->status, 401);
    EXPECT_EQ(refusal->headers.at("WWW-Authenticate"), "Bearer realm=\"trimtab\"");
  }
}

TEST_F(TokenGuard, RefusesAnotherTokenAndDoesNotRepeatIt) {
  const Guard guard(Tokens(), false);

  const auto refusal = guard.Refuse(Ask("/metrics", "Bearer 0123456789abcdeX"));

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 401);
  EXPECT_THAT(refusal->headers.at("WWW-Authenticate"), HasSubstr("invalid_token"));
  EXPECT_THAT(refusal->body, Not(HasSubstr("abcdeX")));
}

TEST_F(TokenGuard, LeavesHealthOpenAndNothingElse) {
  const Guard guard(Tokens(), true);

  EXPECT_FALSE(guard.Refuse(Ask("/healthz")));
  EXPECT_FALSE(guard.Refuse(Ask("/readyz")));
  for (const auto* const path : {"/", "/healthz/", "/healthz/x", "/readyz2", "", "/nothing"}) {
    EXPECT_TRUE(guard.Refuse(Ask(path))) << path;
  }
}

TEST_F(TokenGuard, WantsBothWhereBothAreWanted) {
  const Guard guard(Tokens(), true);
  auto request = Ask("/metrics", std::string("Bearer ") + kToken);

  EXPECT_EQ(guard.Refuse(request).value_or(HttpResponse{}).status, 403);
  request.certified = true;
  EXPECT_FALSE(guard.Refuse(request));
  request.headers.clear();
  EXPECT_EQ(guard.Refuse(request).value_or(HttpResponse{}).status, 401);
}

TEST(CertificateGuard, WantsACertificate) {
  const Guard guard(nullptr, true);
  auto request = Ask("/metrics");

  EXPECT_EQ(guard.Refuse(request).value_or(HttpResponse{}).status, 403);
  request.certified = true;
  EXPECT_FALSE(guard.Refuse(request));
}

}  // namespace
}  // namespace exporters

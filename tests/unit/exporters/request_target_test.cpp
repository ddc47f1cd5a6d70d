#include "exporters/request_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporters {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(RequestTarget, IsAPathAndAQuery) {
  const auto target = ParseRequestTarget("/a%20b?x=1&y=%2F#part");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b");
  EXPECT_THAT(target->query, ElementsAre(Pair("x", "1"), Pair("y", "/")));
}

TEST(RequestTarget, MayNameItsHost) {
  const auto target = ParseRequestTarget("https://host:1/metrics");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/metrics");
}

TEST(RequestTarget, IsNothingElse) {
  for (const auto* const text : {"", "*", "metrics", "host:443", "http://host", "/a%00b", "/a%0ab",
                                 "/../etc", "/a/%2e%2e/b", "/..", "/a\\b", "?/", "#"}) {
    EXPECT_FALSE(ParseRequestTarget(text)) << text;
  }
}

TEST(RequestTarget, KeepsDotsThatClimbNowhere) {
  EXPECT_TRUE(ParseRequestTarget("/a..b/..c/...?x=/../"));
}

}  // namespace
}  // namespace exporters

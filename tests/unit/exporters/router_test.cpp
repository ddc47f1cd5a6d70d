#include "exporters/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace exporters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

HttpHandler Says(std::string body) {
  return [body = std::move(body)](const HttpRequest&) { return HttpResponse{.body = body}; };
}

Router Example() {
  return Router({.handlers = {{"/metrics", Says("metrics")},
                              {"/api/v1/", Says("api")},
                              {"/api/v1/special/", Says("special")},
                              {"/throws",
                               [](const HttpRequest&) -> HttpResponse {
                                 throw std::runtime_error("the disk is on fire");
                               }}},
                 .streams = {{"/signals", [](const HttpRequest&, StreamSink&) {}}}});
}

HttpRequest Get(std::string path) { return {.method = "GET", .path = std::move(path)}; }

TEST(Router, ExactPathsWin) { EXPECT_EQ(Example().Answer(Get("/metrics")).body, "metrics"); }

TEST(Router, AFolderServesWhatIsBelowIt) {
  EXPECT_EQ(Example().Answer(Get("/api/v1/workloads")).body, "api");
}

TEST(Router, TheLongestFolderWins) {
  EXPECT_EQ(Example().Answer(Get("/api/v1/special/x")).body, "special");
}

TEST(Router, APathIsNoFolder) { EXPECT_EQ(Example().Answer(Get("/metrics/x")).status, 404); }

TEST(Router, SaysWhatThereIs) {
  const auto response = Example().Answer(Get("/metric"));

  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body,
            "There is no /metric here; there is: /metrics, /api/v1/, /api/v1/special/, /throws, "
            "/signals.\n");
}

TEST(Router, OnlyReads) {
  const auto response = Example().Answer({.method = "POST", .path = "/metrics"});

  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.body, HasSubstr("POST is not possible here"));
}

TEST(Router, AHandlerThatThrowsIsA500) {
  const auto response = Example().Answer(Get("/throws"));

  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("the disk is on fire"));
}

TEST(Router, FindsStreamsByExactPath) {
  const auto router = Example();

  EXPECT_NE(router.FindStream("/signals"), nullptr);
  EXPECT_EQ(router.FindStream("/signals/x"), nullptr);
}

TEST(Query, IsDecoded) {
  EXPECT_THAT(ParseQuery("a=1&b=%2Fx+y&&c&=z&a=2&d=%zz%4"),
              ElementsAre(Pair("a", "2"), Pair("b", "/x y"), Pair("c", ""), Pair("d", "%zz%4")));
}

}  // namespace
}  // namespace exporters

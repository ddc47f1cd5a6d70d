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
                              {"/api/v1/freeze", Says("freeze"), {"POST", "DELETE"}},
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
            "There is no /metric here; there is: /metrics, /api/v1/, /api/v1/freeze, "
            "/api/v1/special/, /throws, /signals.\n");
}

TEST(Router, LetsThroughWhatItCanAnswer) {
  EXPECT_FALSE(Example().Refuse(Get("/metrics")));
  EXPECT_FALSE(Example().Refuse(Get("/signals")));
  EXPECT_FALSE(Example().Refuse({.method = "HEAD", .path = "/metrics"}));
  EXPECT_FALSE(Example().Refuse({.method = "DELETE", .path = "/api/v1/freeze"}));
}

TEST(Router, OnlyReadsUnlessARouteWantsMore) {
  for (const auto* const path : {"/metrics", "/signals"}) {
    const auto refusal = Example().Refuse({.method = "POST", .path = path});
    ASSERT_TRUE(refusal) << path;
    EXPECT_EQ(refusal->status, 405);
    EXPECT_EQ(refusal->body, "POST is not possible here; use GET, HEAD.\n");
    EXPECT_EQ(refusal->headers.at("Allow"), "GET, HEAD");
  }
}

TEST(Router, ARouteNeedNotBeReadable) {
  for (const auto* const method : {"GET", "HEAD", "PUT", "post", ""}) {
    const auto refusal = Example().Refuse({.method = method, .path = "/api/v1/freeze"});
    ASSERT_TRUE(refusal) << method;
    EXPECT_EQ(refusal->status, 405);
    EXPECT_EQ(refusal->headers.at("Allow"), "POST, DELETE");
  }
}

TEST(Router, RefusesAWriteThatAnotherSitesPageSends) {
  const auto status = [](std::map<std::string, std::string> headers) {
    const auto refusal = Example().Refuse(
        {.method = "POST", .path = "/api/v1/freeze", .headers = std::move(headers)});
    return refusal ? refusal->status : 200;
  };

  EXPECT_EQ(status({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(status({{"sec-fetch-site", "same-site"}}), 403);
  EXPECT_EQ(status({{"origin", "http://evil.example"}, {"host", "127.0.0.1:9106"}}), 403);
  EXPECT_EQ(status({{"origin", "null"}, {"host", "127.0.0.1:9106"}}), 403);
  EXPECT_EQ(status({{"origin", "http://127.0.0.1:9106"}, {"host", "127.0.0.1:9106"}}), 200);
  EXPECT_EQ(status({{"sec-fetch-site", "same-origin"}, {"origin", "x"}}), 200);
  EXPECT_EQ(status({}), 200);
}

TEST(Router, AHandlerThatThrowsIsA500) {
  const auto response = Example().Answer(Get("/throws"));

  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("the disk is on fire"));
}

TEST(Router, AStreamThatThrowsIsBroken) {
  class Nowhere : public StreamSink {
    bool Write(std::string_view /*bytes*/) override { return true; }
    [[nodiscard]] bool Stopping() const override { return false; }
  } sink;
  const StreamHandler throws = [](const HttpRequest&, StreamSink&) { throw 1; };
  const StreamHandler ends = [](const HttpRequest&, StreamSink&) {};

  EXPECT_FALSE(Example().Stream(throws, Get("/signals"), sink));
  EXPECT_TRUE(Example().Stream(ends, Get("/signals"), sink));
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

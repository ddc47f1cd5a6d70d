#include "common/prometheus/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/prometheus/alertmanager.h"
#include "unit/common/http/canned_server.h"

namespace common::prometheus {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tests::CannedServer;

std::string Answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(PrometheusClient, ReadsAVector) {
  const auto samples = ParseQueryAnswer(
      R"({"status":"success","data":{"resultType":"vector","result":[
          {"metric":{"__name__":"up","job":"agent"},"value":[1700000000.25,"1"]},
          {"metric":{},"value":[1700000001,"2.5e3"]}]}})");

  ASSERT_TRUE(samples) << samples.error().what;
  EXPECT_THAT(*samples, ElementsAre(Sample{{{"__name__", "up"}, {"job", "agent"}},
                                           1,
                                           WallTime(milliseconds(1'700'000'000'250))},
                                    Sample{{}, 2500, WallTime(milliseconds(1'700'000'001'000))}));
}

TEST(PrometheusClient, ReadsAScalarAndTheNumbersThatJsonHasNot) {
  const auto nan =
      ParseQueryAnswer(R"({"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]}})");
  const auto infinite = ParseQueryAnswer(
      R"({"status":"success","data":{"resultType":"scalar","result":[1,"-Inf"]}})");

  ASSERT_TRUE(nan) << nan.error().what;
  EXPECT_TRUE(std::isnan(nan->at(0).value));
  ASSERT_TRUE(infinite) << infinite.error().what;
  EXPECT_EQ(infinite->at(0).value, -INFINITY);
}

TEST(PrometheusClient, TakesNoSeriesAsAnEmptyVector) {
  const auto samples =
      ParseQueryAnswer(R"({"status":"success","data":{"resultType":"vector","result":[]}})");

  ASSERT_TRUE(samples) << samples.error().what;
  EXPECT_THAT(*samples, IsEmpty());
}

TEST(PrometheusClient, PassesOnWhyAQueryIsRefused) {
  const auto samples = ParseQueryAnswer(
      R"({"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected \"}\""})");

  ASSERT_FALSE(samples);
  EXPECT_EQ(samples.error().code, std::errc::invalid_argument);
  EXPECT_THAT(samples.error().what, HasSubstr("parse error"));
}

TEST(PrometheusClient, RefusesWhatItCannotUnderstand) {
  for (const auto* const text :
       {"", "[]", "{", R"({"status":"success"})",
        R"({"status":"success","data":{"resultType":"matrix","result":[]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1]}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1,"x"]}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1e99,"1"]}]}})",
        R"({"status":"success","data":{"resultType":"scalar","result":["1","1"]}})"}) {
    EXPECT_FALSE(ParseQueryAnswer(text)) << text;
  }
}

TEST(PrometheusClient, AsksOverHttp) {
  CannedServer server(Answer(
      "200 OK",
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"7"]}]}})"));

  const auto samples = Client(server.Address(), seconds(10)).Query("sum(up)");

  ASSERT_TRUE(samples) << samples.error().what;
  EXPECT_EQ(samples->at(0).value, 7);
  EXPECT_THAT(server.Request(), HasSubstr("\r\n\r\nquery=sum%28up%29"));
}

TEST(PrometheusClient, SaysThatItIsNotReady) {
  const CannedServer server(Answer("503 Service Unavailable", "Service Unavailable"));

  const auto ready = Client(server.Address(), seconds(10)).Ready();

  ASSERT_FALSE(ready);
  EXPECT_THAT(ready.error().what, HasSubstr(server.Address() + " is not ready yet"));
}

TEST(AlertmanagerClient, ReadsAlerts) {
  const auto alerts = ParseAlerts(
      R"([{"annotations":{"summary":"shop-05 was killed"},"startsAt":"2024-01-01T00:00:00Z",
           "labels":{"alertname":"ContainerOomKilled","workload":"shop-05"},
           "status":{"state":"active","inhibitedBy":[]}}])");

  ASSERT_TRUE(alerts) << alerts.error().what;
  EXPECT_THAT(*alerts, ElementsAre(Alert{
                           .labels = {{"alertname", "ContainerOomKilled"}, {"workload", "shop-05"}},
                           .annotations = {{"summary", "shop-05 was killed"}},
                           .state = "active",
                           .starts_at = "2024-01-01T00:00:00Z"}));
}

TEST(AlertmanagerClient, RefusesWhatItCannotUnderstand) {
  EXPECT_FALSE(ParseAlerts("{}"));
  EXPECT_FALSE(ParseAlerts("not json"));
}

TEST(AlertmanagerClient, AsksOverHttp) {
  const CannedServer server(Answer("200 OK", "[]"));

  const auto alerts = Alertmanager(server.Address(), seconds(10)).Alerts();

  ASSERT_TRUE(alerts) << alerts.error().what;
  EXPECT_THAT(*alerts, IsEmpty());
}

TEST(RangeAnswer, IsSeriesOfPoints) {
  const auto series =
      ParseRangeAnswer(R"({"status":"success","data":{"resultType":"matrix","result":[)"
                       R"({"metric":{"tenant":"a"},"values":[[60,"1.5"],[120.5,"NaN"]]},)"
                       R"({"metric":{},"values":[]}]}})");
  ASSERT_TRUE(series) << series.error().what;
  ASSERT_EQ(series->size(), 2U);
  EXPECT_EQ(series->front().labels.at("tenant"), "a");
  ASSERT_EQ(series->front().points.size(), 2U);
  EXPECT_EQ(series->front().points[0].first, WallTime(std::chrono::seconds(60)));
  EXPECT_EQ(series->front().points[0].second, 1.5);
  EXPECT_TRUE(std::isnan(series->front().points[1].second));
}

TEST(RangeAnswer, RefusesWhatIsNone) {
  EXPECT_FALSE(
      ParseRangeAnswer(R"({"status":"success","data":{"resultType":"vector","result":[]}})"));
  EXPECT_FALSE(ParseRangeAnswer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}})"));
  EXPECT_FALSE(ParseRangeAnswer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"values":[[1]]}]}})"));
  const auto refused = ParseRangeAnswer(R"({"status":"error","error":"too many points"})");
  EXPECT_EQ(refused.error().what, "Prometheus refuses the query: too many points");
}

}  // namespace
}  // namespace common::prometheus

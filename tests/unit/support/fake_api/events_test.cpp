#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/support/fake_api/asking.h"

namespace tests {
namespace {

constexpr const char* kEvents = "/apis/events.k8s.io/v1/namespaces/shops/events";
constexpr const char* kFirst = "/apis/events.k8s.io/v1/namespaces/shops/events/e";
constexpr const char* kMerge = "application/merge-patch+json";

/// With `old` replaced by `other`.
std::string Event(const std::string& old = "", const std::string& other = "") {
  std::string text =
      R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e","namespace":"shops"},)"
      R"("eventTime":"2026-11-21T03:10:12.345678Z","reportingController":"trimtab.io/scaler",)"
      R"("reportingInstance":"scaler-1","action":"Scale","reason":"Scaled","type":"Normal",)"
      R"("regarding":{"kind":"Deployment","namespace":"shops","name":"web"},"note":"1 -> 5"})";
  return old.empty() ? text : text.replace(text.find(old), old.size(), other);
}

class FakeApiEvents : public Asking {
 protected:
  FakeApiEvents() { api_.Serve("/apis/events.k8s.io/v1/events"); }
};

TEST_F(FakeApiEvents, AnEventSaysWhoDidWhatAndWhen) {
  for (const auto& bad :
       {Event("scaler-1", ""), Event("scaler-1", std::string(129, 's')), Event("Scale\"", "\""),
        Event("\"Normal\"", "\"Info\""), Event(".345678Z", "Z"),
        Event("1 -> 5", std::string(1025, 'n')), Event("trimtab.io/scaler", ""),
        Event(R"("regarding":{"kind":"Deployment","namespace":"shops")",
              R"("regarding":{"kind":"x")"),
        Event(R"("note")", R"("deprecatedCount":1,"note")")}) {
    EXPECT_EQ(Ask("POST", kEvents, bad).status, 422) << bad;
  }
  EXPECT_EQ(Ask("POST", kEvents, Event()).status, 201);
}

TEST_F(FakeApiEvents, OfAnEventOnlyTheSeriesChanges) {
  Ask("POST", kEvents, Event());
  const auto patch = [&](const std::string& body) {
    return Ask("PATCH", kFirst, body, kMerge).status;
  };
  constexpr auto kSeries =
      R"({{"series":{{"count":{},"lastObservedTime":"2026-11-21T03:11:12.345678Z"}}}})";

  EXPECT_EQ(patch(fmt::format(kSeries, 1)), 422) << "the first is no series";
  EXPECT_EQ(patch(R"({"series":{"count":2}})"), 422);
  EXPECT_EQ(patch(R"({"note":"1 -> 6"})"), 422);
  EXPECT_EQ(patch(R"({"reportingInstance":"scaler-2"})"), 422);
  EXPECT_EQ(patch(fmt::format(kSeries, 2)), 200);
  EXPECT_EQ(patch(fmt::format(kSeries, 3)), 200);
}

}  // namespace
}  // namespace tests

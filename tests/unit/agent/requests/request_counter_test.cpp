#include "agent/requests/request_counter.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agent::requests {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using std::chrono_literals::operator""s;

std::shared_ptr<const TenantRegistry> Shops(std::vector<std::string> names) {
  std::vector<Tenant> tenants;
  for (auto& name : names) {
    tenants.push_back({name, {name + ".com"}, ""});
  }
  return TenantRegistry::Make(std::move(tenants)).value();
}

std::string Served(std::string_view host, int status = 200, int milliseconds = 1,
                   std::int64_t seconds = 1'700'000'000) {
  return fmt::format("t1 {}.000 {} {} 100 10 backend -- {}", seconds, status, milliseconds, host);
}

const TenantCounters& Of(const RequestCounter& counter, std::string_view tenant) {
  return *std::ranges::find(counter.Counters().tenants, tenant, &TenantCounters::tenant);
}

std::vector<std::string> Names(const RequestCounter& counter) {
  std::vector<std::string> names;
  for (const auto& tenant : counter.Counters().tenants) {
    names.push_back(tenant.tenant);
  }
  return names;
}

TEST(RequestCounter, HasEveryRegisteredTenantFromZero) {
  const RequestCounter counter(LineFormat::kTrimtab, Shops({"red", "blue"}));

  EXPECT_THAT(Names(counter), ElementsAre("red", "blue", "_other", "_invalid"));
  EXPECT_EQ(Of(counter, "red"), TenantCounters{.tenant = "red"});
}

TEST(RequestCounter, CountsByTenant) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red", "blue"}));
  counter.Count(Served("red.com", 200, 30));
  counter.Count(Served("RED.com:80", 503, 70));
  counter.Count(Served("blue.com", 404, -1));

  EXPECT_EQ(Of(counter, "red"),
            (TenantCounters{.tenant = "red",
                            .requests_total = 2,
                            .errors_total = 1,
                            .responses_total = {0, 1, 0, 0, 1, 0},
                            .latency = {.counts = {0, 0, 2}, .sum_milliseconds = 100},
                            .sent_bytes_total = 200,
                            .received_bytes_total = 20}));
  EXPECT_EQ(Of(counter, "blue"), (TenantCounters{.tenant = "blue",
                                                 .requests_total = 1,
                                                 .responses_total = {0, 0, 0, 1, 0, 0},
                                                 .sent_bytes_total = 100,
                                                 .received_bytes_total = 10}));
  EXPECT_EQ(counter.Counters().source.lines_total, 3U);
}

TEST(RequestCounter, AVisitorOfASleepingTenantIsNoError) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red"}));
  counter.Count("t1 1700000000.000 503 0 217 10 red/<NOSRV> SC red.com");
  counter.Count("t1 1700000000.000 503 0 217 10 red/red-1 SC red.com");

  EXPECT_EQ(Of(counter, "red").requests_total, 2U);
  EXPECT_EQ(Of(counter, "red").no_replica_total, 1U);
  EXPECT_EQ(Of(counter, "red").errors_total, 1U);
  EXPECT_THAT(Of(counter, "red").responses_total, ElementsAre(0, 0, 0, 0, 2, 0));
}

TEST(RequestCounter, KeepsHostsWithoutATenantApart) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red"}));
  for (const auto* host :
       {"green.com", "_other", "_invalid", "-", "", "red.com\xff", "red.com x"}) {
    counter.Count(Served(host));
  }

  EXPECT_EQ(Of(counter, "_other").requests_total, 1U);
  EXPECT_EQ(Of(counter, "_invalid").requests_total, 6U);
  EXPECT_EQ(counter.Counters().tenants.size(), 3U);
}

TEST(RequestCounter, CountsStatusesBeyondReasonAsOther) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red"}));
  for (const int status : {100, 299, 399, 499, 599, 99, 600, 999, -1, 0, 5'000'000}) {
    counter.Count(Served("red.com", status));
  }

  EXPECT_THAT(Of(counter, "red").responses_total, ElementsAre(1, 1, 1, 1, 1, 6));
  EXPECT_EQ(Of(counter, "red").errors_total, 1U);
}

TEST(RequestCounter, CountsWhatItRejectsAndWhatWasLost) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red"}));
  counter.Count("nonsense");
  counter.Count(std::string(3, '\0'));
  counter.Reject(Rejection::kTooLong);
  counter.Count("t1 lost 40");
  counter.Count("t1 lost 2");

  EXPECT_EQ(
      counter.Counters().source,
      (SourceHealth{.lines_total = 3, .rejected_lines_total = {1, 1, 1}, .lost_lines_total = 42}));
}

TEST(RequestCounter, AnotherRegistryKeepsTheTenantsThatStay) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red", "blue"}));
  counter.Count(Served("red.com"));
  counter.Count(Served("blue.com"));
  counter.Count(Served("green.com"));
  counter.UseRegistry(Shops({"green", "blue"}));
  counter.Count(Served("green.com"));
  counter.Count(Served("red.com"));

  EXPECT_THAT(Names(counter), ElementsAre("green", "blue", "_other", "_invalid"));
  EXPECT_EQ(Of(counter, "green").requests_total, 1U);
  EXPECT_EQ(Of(counter, "blue").requests_total, 1U);
  EXPECT_EQ(Of(counter, "_other").requests_total, 2U);
}

TEST(RequestCounter, GoesOnFromEarlierCountersOfTheTenantsThatAreStillThere) {
  RequestCounter earlier(LineFormat::kTrimtab, Shops({"red", "blue"}));
  earlier.BeginEpoch(7);
  earlier.Count(Served("red.com"));
  earlier.Count(Served("blue.com"));
  earlier.Count("nonsense");
  RequestCounter later(LineFormat::kTrimtab, Shops({"green", "red"}));
  later.Restore(earlier.Counters());
  later.Count(Served("red.com"));

  EXPECT_THAT(Names(later), ElementsAre("green", "red", "_other", "_invalid"));
  EXPECT_EQ(Of(later, "red").requests_total, 2U);
  EXPECT_EQ(later.Counters().epoch, 7U);
  EXPECT_EQ(later.Counters().source.lines_total, 4U);
}

TEST(FirstRequests, AreAnnouncedAfterQuietOnly) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red", "blue"}));
  std::vector<std::string> announced;
  counter.Count(Served("red.com", 200, 1, 100));
  counter.AnnounceFirst([&](const std::string& tenant) { announced.push_back(tenant); }, 10s);
  counter.Count(Served("red.com", 200, 1, 105));
  EXPECT_THAT(announced, ElementsAre());
  counter.Count(Served("blue.com", 200, 1, 105));
  EXPECT_THAT(announced, ElementsAre("blue"));
  counter.Count(Served("red.com", 200, 1, 116));
  EXPECT_THAT(announced, ElementsAre("blue", "red"));
  counter.Count(Served("green.com", 200, 1, 116));
  EXPECT_THAT(announced, ElementsAre("blue", "red"));
}

TEST(FirstRequests, AreAnnouncedAgainAfterTheClockWasSetBack) {
  RequestCounter counter(LineFormat::kTrimtab, Shops({"red"}));
  int announced = 0;
  counter.AnnounceFirst([&](const std::string&) { ++announced; }, 10s);
  counter.Count(Served("red.com", 200, 1, 100'000));
  counter.Count(Served("red.com", 200, 1, 100));
  counter.Count(Served("red.com", 200, 1, 120));

  EXPECT_EQ(announced, 2);
}

TEST(Latency, FallsIntoTheBucketWhoseBoundItReaches) {
  LatencyHistogram histogram;
  for (const std::uint64_t milliseconds :
       {0U, 5U, 6U, 25U, 100U, 250U, 500U, 1000U, 2500U, 10'000U, 10'001U}) {
    histogram.Observe(milliseconds);
  }

  EXPECT_THAT(histogram.counts, ElementsAreArray({2, 2, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(histogram.Count(), 11U);
  EXPECT_DOUBLE_EQ(histogram.SumSeconds(), 24.387);
}

}  // namespace
}  // namespace agent::requests

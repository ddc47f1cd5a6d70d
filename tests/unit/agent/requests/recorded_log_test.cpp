#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "agent/requests/request_counter.h"

namespace agent::requests {
namespace {

using ::testing::ElementsAre;

/// HAProxy 2.6 with our log-format, visited by good and hostile clients: raw 0xFF, quotes,
/// escapes, NUL, 5 KB and 25 KB of Host, none, two, folded ones, TLS on the plain port, silence.
TEST(RecordedHaproxyLog, IsCountedToTheLastLine) {
  const auto registry = TenantRegistry::Make({{"shop-01", {"shop-01.example.com", "shop-01"}, ""},
                                              {"shop-02", {"shop-02.example.com"}, ""}})
                            .value();
  RequestCounter counter(LineFormat::kTrimtab, registry);
  std::ifstream file(FIXTURES_DIR "/requests/haproxy-2.6.log", std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    counter.Count(line);
  }

  const auto& counters = counter.Counters();
  EXPECT_EQ(counters.source, SourceHealth{.lines_total = 27});
  std::vector<std::uint64_t> requests;
  std::ranges::transform(counters.tenants, std::back_inserter(requests),
                         &TenantCounters::requests_total);
  EXPECT_THAT(requests, ElementsAre(3, 1, 3, 20));
  EXPECT_EQ(counters.tenants.at(0), (TenantCounters{.tenant = "shop-01",
                                                    .requests_total = 3,
                                                    .responses_total = {0, 3, 0, 0, 0, 0},
                                                    .latency = {.counts = {3}},
                                                    .sent_bytes_total = 228,
                                                    .received_bytes_total = 161}));
  EXPECT_EQ(counters.tenants.at(1).errors_total, 1U);
}

}  // namespace
}  // namespace agent::requests

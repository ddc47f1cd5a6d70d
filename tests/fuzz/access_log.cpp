// Lines of an access log, whose hosts anybody on the Internet may choose.

#include <numeric>

#include "agent/requests/host.h"
#include "agent/requests/line_format.h"
#include "agent/requests/request_counter.h"
#include "common/text.h"
#include "fuzz/input.h"

namespace {

using namespace agent::requests;

std::shared_ptr<const TenantRegistry> Shops() {
  static const auto kShops =
      TenantRegistry::Make({{.id = "red", .hosts = {"red.example.com", "*.red.example.com"}},
                            {.id = "blue", .hosts = {"blue.example.com"}}})
          .value();
  return kShops;
}

/// Every line is counted for somebody, or rejected.
void Count(LineFormat format, std::string_view text) {
  RequestCounter counter(format, Shops());
  std::uint64_t lines = 0;
  while (!text.empty()) {
    counter.Count(common::TakeLine(text));
    ++lines;
  }
  const auto& counters = counter.Counters();
  fuzz::Require(counters.source.lines_total <= lines);
  std::uint64_t counted = 0;
  for (const auto& tenant : counters.tenants) {
    counted += tenant.requests_total;
    fuzz::Require(tenant.errors_total <= tenant.requests_total);
  }
  const auto& rejected = counters.source.rejected_lines_total;
  fuzz::Require(counted + std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0}) ==
                counters.source.lines_total);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  Count(LineFormat::kTrimtab, text);
  Count(LineFormat::kVhostCombined, text);
  HostBuffer first;
  if (const auto host = NormalizeHost(text, first)) {
    HostBuffer second;
    const auto again = NormalizeHost(*host, second);
    fuzz::Require(again && *again == *host);
  }
  return 0;
}

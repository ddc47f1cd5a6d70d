#include "tests/demo/stage/counted.h"

#include <string>
#include <thread>

namespace demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kCountInterval = milliseconds(200);
/// Whom we ask ourselves whether HAProxy is up, `_other`, is no visitor.
constexpr auto kSeries = R"(trimtab_tenant_requests_total{tenant!~"_.*"})";

std::optional<double> Ask(const common::prometheus::Client& prometheus, const std::string& query) {
  const auto answer = prometheus.Query(query);
  return answer && answer->size() == 1 ? std::optional(answer->front().value) : std::nullopt;
}

}  // namespace

Counted CountRequests(const common::prometheus::Client& prometheus, std::uint64_t by_visitors,
                      milliseconds patience) {
  // Longer than any run that is measured; a range gives raw samples, nothing is extrapolated.
  const std::string range = std::string(kSeries) + "[1h]";
  const auto deadline = steady_clock::now() + patience;
  Counted counted{.by_visitors = by_visitors};
  for (;;) {
    counted.in_prometheus = Ask(prometheus, "sum(last_over_time(" + range + "))");
    if (counted.in_prometheus == static_cast<double>(by_visitors) ||
        steady_clock::now() > deadline) {
      break;
    }
    std::this_thread::sleep_for(kCountInterval);
  }
  counted.resets = Ask(prometheus, "max(resets(" + range + "))");
  return counted;
}

}  // namespace demo

// What Prometheus, Alertmanager and a scaler answer to those who ask them.

#include "common/prometheus/alertmanager.h"
#include "common/prometheus/client.h"
#include "fuzz/input.h"
#include "scaler/ctl/show.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = fuzz::Text(data, size);
  (void)common::prometheus::ParseQueryAnswer(json);
  (void)common::prometheus::ParseRangeAnswer(json);
  (void)common::prometheus::ParseAlerts(json);
  (void)scaler::ctl::ShowStatus(json);
  if (const auto decisions = scaler::ctl::ParseDecisions(json)) {
    for (const auto& decision : *decisions) {
      (void)scaler::ctl::Explain(decision, common::WallTime{});
    }
  }
  return 0;
}

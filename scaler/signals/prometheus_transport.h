#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/http/credentials.h"
#include "common/prometheus/client.h"
#include "scaler/signals/query_transport.h"

namespace scaler::signals {

/// The one number that an answer is: bad_message, saying what there is instead, where it is none,
/// several, or none that one can reckon with.
[[nodiscard]] common::Result<double> OneNumber(
    const std::vector<common::prometheus::Sample>& answer);

/// Asks a real Prometheus, by a few threads of its own.
///
/// Belongs to the executor's thread. Its end waits for the threads, for a deadline at most.
class PrometheusTransport final : public QueryTransport {
 public:
  /// `threads`: so many questions at a time; more wait. `deadline`: of each.
  PrometheusTransport(common::Executor& executor, const std::string& address,
                      std::chrono::milliseconds deadline,
                      std::shared_ptr<common::http::Credentials> credentials, int threads);
  ~PrometheusTransport() override;

  void Ask(const std::string& query, std::function<void(common::Result<double>)> done) override;

 private:
  class Workers;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Workers> workers_;
};

}  // namespace scaler::signals

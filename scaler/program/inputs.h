#pragma once

#include <memory>

#include "common/io_loop.h"
#include "common/result.h"
#include "scaler/config/config.h"
#include "scaler/program/options.h"
#include "scaler/signals/external_signals.h"
#include "scaler/signals/http_transport.h"
#include "scaler/signals/prometheus_transport.h"
#include "scaler/signals/signals.h"

namespace scaler::program {

/// What a scaler hears, on whatever platform: agents, and Prometheus where one is configured.
struct Inputs {
  std::unique_ptr<signals::HttpTransport> transport;
  std::unique_ptr<signals::Signals> signals;
  std::unique_ptr<signals::PrometheusTransport> prometheus;
  std::unique_ptr<signals::ExternalSignals> external;  ///< Null: there is no Prometheus.

  /// Fails where certificates or tokens cannot be read. `io` must outlive this.
  [[nodiscard]] common::Result<void> Open(common::IoLoop& io, const Options& options,
                                          const config::Config& config);

  /// Nothing is heard any more.
  void Close();
};

}  // namespace scaler::program

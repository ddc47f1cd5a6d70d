#include "scaler/program/inputs.h"

#include "common/http/credentials.h"

namespace scaler::program {
namespace {

common::Result<void> OpenPrometheus(common::IoLoop& io, const Options& options,
                                    const config::PrometheusConfig& config, Inputs& inputs) {
  const signals::ExternalOptions external{
      .source = config.address, .interval = config.interval, .deadline = config.deadline};
  return common::http::Credentials::Open(options.prometheus).map([&](const auto& credentials) {
    inputs.prometheus = std::make_unique<signals::PrometheusTransport>(
        io, config.address, config.deadline, credentials, external.at_once);
    inputs.external = std::make_unique<signals::ExternalSignals>(io, *inputs.prometheus, external);
  });
}

}  // namespace

common::Result<void> Inputs::Open(common::IoLoop& io, const Options& options,
                                  const config::Config& config) {
  const auto credentials = common::http::Credentials::Open(options.agents);
  if (!credentials) {
    return tl::make_unexpected(credentials.error());
  }
  transport = std::make_unique<signals::HttpTransport>(io.Context(), *credentials);
  signals = std::make_unique<signals::Signals>(io, *transport, config.agents);
  return config.prometheus ? OpenPrometheus(io, options, *config.prometheus, *this)
                           : common::Result<void>{};
}

void Inputs::Close() {
  signals.reset();
  external.reset();
}

}  // namespace scaler::program

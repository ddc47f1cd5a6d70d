#pragma once

#include <vector>

#include "scaler/engine/pod.h"

namespace scaler::backtest {

/// The pods of a workload as its platform would describe them, `ready` of them ready, each with
/// `use` of the `request` cores that it asks for. The use is of `now`, and whoever is not ready has
/// just been started.
inline void DescribePods(int ready, int unready, double use, double request, engine::Time now,
                         std::vector<engine::Pod>& pods) {
  pods.resize(static_cast<std::size_t>(ready) + static_cast<std::size_t>(unready));
  for (int index = 0; index < ready + unready; ++index) {
    auto& pod = pods[static_cast<std::size_t>(index)];
    pod.ready = index < ready;
    // Its container is not running yet: to the HPA such a pod is unready, not without a sample.
    pod.phase = pod.ready ? engine::Pod::Phase::kRunning : engine::Pod::Phase::kPending;
    pod.cpu_request_cores = request;
    pod.cpu_cores.reset();
    if (pod.ready) {
      pod.started = now - std::chrono::hours(1);
      pod.ready_changed = pod.started;
      pod.cpu_cores = engine::Sampled<double>{use, now};
    } else {
      pod.started = now;
      pod.ready_changed = now;
    }
  }
}

}  // namespace scaler::backtest

#include "scaler/loop/observe.h"

#include <utility>
#include <vector>

namespace scaler::loop {
namespace {

std::vector<std::string> ReadyReplicas(const platform::Workload& workload) {
  std::vector<std::string> ready;
  for (const auto& replica : workload.replicas) {
    if (replica.phase == platform::Phase::kReady) {
      ready.push_back(replica.id);
    }
  }
  return ready;
}

template <typename T>
void Take(signals::Input<T> input, const char* what, std::optional<engine::Sampled<T>>& to,
          engine::Observation& observation) {
  if (!input.sample) {
    observation.left_out.push_back({what, std::move(input.why_not)});
  }
  to = std::move(input.sample);
}

}  // namespace

engine::Observation Observe(const platform::Workload& workload, const Governed& governed,
                            const signals::Signals& signals, const signals::TimeMap& time) {
  const auto ready = ReadyReplicas(workload);
  engine::Observation observation;
  observation.now = time.engine_now;
  observation.desired_replicas = workload.desired;
  observation.ready_replicas = static_cast<int>(ready.size());
  if (governed.policy.requests || governed.policy.idle) {
    Take(signals.DemandOf(governed.tenant, time), "demand", observation.demand, observation);
  }
  if (governed.policy.cpu && !ready.empty()) {
    Take(signals.CpuOf(workload.id.name_space, workload.id.name, ready,
                       workload.cpu_request_cores.value_or(0), time),
         "cpu", observation.cpu, observation);
  }
  return observation;
}

}  // namespace scaler::loop

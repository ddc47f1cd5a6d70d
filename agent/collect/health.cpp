#include "agent/collect/health.h"

#include <chrono>

#include "common/log.h"

namespace agent::collect {

bool HealthBook::Run(const std::string& collector,
                     const std::function<common::Result<void>()>& collect) {
  const auto begin = clock_.Monotonic();
  const auto result = collect();
  const auto end = clock_.Monotonic();
  auto [entry, is_new] = collectors_.try_emplace(collector, CollectorHealth{collector});
  auto& health = entry->second;
  if (!result && (is_new || health.success)) {
    common::log::Warning("a collector fails; its last values are served on",
                         {{"collector", collector}, {"error", result.error().what}});
  } else if (result && !is_new && !health.success) {
    common::log::Info("a collector works again", {{"collector", collector}});
  }
  health.seconds = std::chrono::duration<double>(end - begin).count();
  health.success = result.has_value();
  if (result) {
    health.sampled_at = end;
  }
  return health.success;
}

std::vector<CollectorHealth> HealthBook::All() const {
  std::vector<CollectorHealth> all;
  all.reserve(collectors_.size());
  for (const auto& [name, health] : collectors_) {
    all.push_back(health);
  }
  return all;
}

}  // namespace agent::collect

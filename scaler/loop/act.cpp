#include <algorithm>

#include "common/log.h"
#include "scaler/loop/loop.h"

// What comes of a decision.
namespace scaler::loop {
namespace {

constexpr engine::Duration kFirstActionRetry = std::chrono::seconds(1);
constexpr engine::Duration kLongestActionRetry = std::chrono::seconds(30);

}  // namespace

void Loop::Act(const Action& action, engine::Time now) {
  // To decide and to commit takes time, and the process may have been stopped meanwhile.
  if (leadership_ && !leadership_->leads()) {
    Withhold(action);
    return;
  }
  const auto name = platform::ToString(action.workload);
  auto& memory = memories_[name];
  if (leadership_) {
    memory.desired = action.replicas;  // Our own, not to be learnt if we then follow.
  }
  memory.acted_at = now;
  memory.doubtful.reset();
  platform_.Scale(action.workload, action.replicas,
                  [this, name, now, replicas = action.replicas,
                   before = action.before](const common::Result<void>& result) {
                    if (!result) {
                      Unmake(name, now, replicas, *before);
                    }
                    ActionDone(name, now, result);
                  });
}

/// What was not done must not count for limits and guards. Where nobody knows, the platform will
/// show whether it was.
void Loop::Unmake(const std::string& name, engine::Time at, int replicas,
                  const ChangesMade& before) {
  auto& memory = memories_[name];
  if (memory.acted_at == at) {
    before.PutBack(memory.state);
    memory.doubtful = replicas;
    return;
  }
  for (auto* const changes : {&memory.state.scaled_up, &memory.state.scaled_down}) {
    std::erase_if(*changes, [&](const auto& change) { return change.at == at; });
  }
}

void Loop::Withhold(const Action& action) {
  const auto name = platform::ToString(action.workload);
  common::log::Warning("withheld: another scaler leads now", {{"workload", name}});
  if (const auto found = memories_.find(name); found != memories_.end()) {
    action.before->PutBack(found->second.state);
  }
}

void Loop::ActionDone(const std::string& name, engine::Time now,
                      const common::Result<void>& result) {
  ++counters_.actions[result ? "ok" : "failed"];
  auto& memory = memories_[name];
  if (result) {
    memory.problem.clear();
    memory.failures = 0;
    memory.act_not_before.reset();
    return;
  }
  if (result.error().code == std::errc::resource_unavailable_try_again && memory.failures == 0) {
    ++memory.failures;
    Soon();  // From the number that somebody else has set meanwhile.
    return;
  }
  const auto doublings = std::min(memory.failures++, 10);
  memory.act_not_before = now + std::min(kLongestActionRetry, kFirstActionRetry * (1 << doublings));
  if (memory.problem != result.error().what) {
    common::log::Error("scaling failed", {{"workload", name}, {"why", result.error().what}});
  }
  memory.problem = result.error().what;
}

}  // namespace scaler::loop

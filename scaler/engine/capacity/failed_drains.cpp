#include "scaler/engine/capacity/failed_drains.h"

#include <algorithm>
#include <string_view>

namespace scaler::engine::capacity {
namespace {

constexpr auto kRememberedFor = std::chrono::hours(24);

/// FNV-1a.
class Hash {
 public:
  void Add(std::string_view text) {
    for (const char c : text) {
      AddByte(static_cast<unsigned char>(c));
    }
    AddByte(0);
  }

  void Add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      AddByte(static_cast<std::uint32_t>(static_cast<std::uint64_t>(number) >> shift) & 0xffU);
    }
  }

  [[nodiscard]] std::uint32_t Value() const { return value_; }

 private:
  void AddByte(std::uint32_t byte) { value_ = (value_ ^ byte) * 16'777'619U; }

  std::uint32_t value_ = 2'166'136'261U;
};

}  // namespace

std::uint32_t SituationOf(const World& world) {
  Hash hash;
  for (const auto& view : world.nodes) {
    if (view.usable || (view.node->draining && view.node->ready && !view.node->notice_until)) {
      hash.Add(view.node->name);
    }
  }
  for (const auto& pod_class : world.classes) {
    hash.Add(pod_class.workload.name);
    hash.Add(pod_class.request.cpu_milli);
    hash.Add(pod_class.request.memory_bytes);
    hash.Add(pod_class.pods + pod_class.waiting);
  }
  return hash.Value();
}

void ForgetFailedDrains(std::uint32_t situation, Time now, CapacityState& state) {
  std::erase_if(state.failed_drains, [&](const FailedDrain& failed) {
    return failed.situation != situation || now - failed.at >= kRememberedFor;
  });
}

void NoteFailedDrain(const std::string& node, std::uint32_t situation, Time now,
                     CapacityState& state) {
  auto& all = state.failed_drains;
  const auto at = std::lower_bound(
      all.begin(), all.end(), node,
      [](const FailedDrain& failed, const auto& name) { return failed.name < name; });
  if (at != all.end() && at->name == node) {
    at->at = now;
    at->situation = situation;
  } else if (all.size() < CapacityState::kMostFailedDrains) {
    all.insert(at, {node, now, situation});
  }
}

bool WouldFailAgain(const std::string& node, const CapacityState& state) {
  const auto& all = state.failed_drains;
  return all.size() >= CapacityState::kMostFailedDrains ||
         std::any_of(all.begin(), all.end(),
                     [&](const FailedDrain& failed) { return failed.name == node; });
}

}  // namespace scaler::engine::capacity

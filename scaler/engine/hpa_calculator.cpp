#include "scaler/engine/hpa_calculator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scaler::engine {
namespace {

/// An amount above this (nine million million cores or bytes) is a wild one.
constexpr std::int64_t kMostMilli = 9'000'000'000'000'000;

/// More is not to be asked for; with the above, a share of an amount fits an integer.
constexpr int kMostPercent = 1000;

/// Sums of wild amounts stay at the largest number.
void Add(std::int64_t amount, std::int64_t& sum) {
  if (__builtin_add_overflow(sum, amount, &sum)) {
    sum = std::numeric_limits<std::int64_t>::max();
  }
}

int ToReplicas(double replicas) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  const double whole = std::ceil(replicas);
  return whole > 0 ? static_cast<int>(std::min(whole, kMost)) : 0;
}

/// Written as in the HPA: 1.1 is within 0.1 of 1, but 1.1 - 1 is more than 0.1.
bool WithinTolerance(const HpaSettings& settings, double ratio) {
  return 1.0 - settings.tolerance_down <= ratio && ratio <= 1.0 + settings.tolerance_up;
}

/// What the HPA sees in a pod, in this order.
enum class Group { kIgnored, kUnready, kMissing, kReady };

/// What CPU use says of a pod that has only just started is not what its load needs.
bool UseSaysNothing(const HpaSettings& settings, const Pod& pod, Time sampled_at, Time now) {
  if (!pod.ready_changed) {
    return !pod.ready;  // Kubernetes' ready pods know since when. Other platforms' may not.
  }
  if (!pod.started) {
    return true;
  }
  if (*pod.started + settings.cpu_initialization > now) {
    return !pod.ready || sampled_at < *pod.ready_changed + settings.metric_window;
  }
  return !pod.ready && *pod.started + settings.initial_readiness_delay > *pod.ready_changed;
}

/// The use of one resource by pods, and how the HPA groups them.
struct Sums {
  struct Of {
    int pods = 0;
    std::int64_t used = 0;
    std::int64_t requested = 0;
  };
  Of ready;
  Of unready;
  Of missing;
  std::int64_t missing_at_fallback = 0;  ///< Use of the missing pods where it is assumed.
  int seen = 0;
  bool all_request = true;
};

/// Looks at the pods as one resource.
class Survey {
 public:
  Survey(const HpaSettings& settings, const HpaPods& pods, HpaResource resource)
      : settings_(settings), pods_(pods), resource_(resource) {}

  /// A missing pod is assumed to use `fallback_percent` of its request.
  [[nodiscard]] Sums Take(std::int64_t fallback_percent) const {
    Sums sums;
    for (const auto& pod : pods_.pods) {
      if (pod.owned || pods_.foreign) {
        Count(pod, fallback_percent, sums);
      }
    }
    return sums;
  }

 private:
  [[nodiscard]] std::int64_t Milli(double amount) const {
    // Memory is whole bytes.
    return resource_ == HpaResource::kCpu ? HpaMilli(amount) : HpaMilli(std::round(amount));
  }

  [[nodiscard]] const Sampled<double>* Sample(const Pod& pod) const {
    const auto& sample = resource_ == HpaResource::kCpu ? pod.cpu_cores : pod.memory_bytes;
    return sample && pods_.now - sample->at <= pods_.stale_after ? &*sample : nullptr;
  }

  [[nodiscard]] Group GroupOf(const Pod& pod, const Sampled<double>* sample) const {
    if (pod.terminating || pod.phase == Pod::Phase::kFailed) {
      return Group::kIgnored;
    }
    if (pod.phase == Pod::Phase::kPending) {
      return Group::kUnready;
    }
    if (sample == nullptr) {
      return Group::kMissing;
    }
    const bool unready =
        resource_ == HpaResource::kCpu && UseSaysNothing(settings_, pod, sample->at, pods_.now);
    return unready ? Group::kUnready : Group::kReady;
  }

  void Count(const Pod& pod, std::int64_t fallback_percent, Sums& sums) const {
    const bool is_cpu = resource_ == HpaResource::kCpu;
    const auto requested = Milli(is_cpu ? pod.cpu_request_cores : pod.memory_request_bytes);
    const auto* sample = Sample(pod);
    ++sums.seen;
    sums.all_request = sums.all_request && requested > 0;
    switch (GroupOf(pod, sample)) {
      case Group::kIgnored:
        return;
      case Group::kUnready:
        ++sums.unready.pods;
        Add(requested, sums.unready.requested);
        return;
      case Group::kMissing:
        ++sums.missing.pods;
        Add(requested, sums.missing.requested);
        Add(requested * fallback_percent / 100, sums.missing_at_fallback);
        return;
      case Group::kReady:
        ++sums.ready.pods;
        Add(std::max<std::int64_t>(Milli(sample->value), 0), sums.ready.used);
        Add(requested, sums.ready.requested);
        return;
    }
  }

  const HpaSettings& settings_;
  const HpaPods& pods_;
  HpaResource resource_;
};

std::string_view ErrorOf(const Sums& sums, bool wants_requests) {
  if (sums.seen == 0) {
    return "there are no pods";
  }
  if (sums.ready.pods == 0) {
    return "no pod that counts is measured";
  }
  if (wants_requests && !sums.all_request) {
    return "a pod does not say what it requests";
  }
  return {};
}

/// What a target makes of sums: the percentage of the request, or the average of the use. Both are
/// integers, and what they are divided by is never 0.
std::int64_t Percent(const Sums::Of& sums) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max() / 100;
  const auto requested = std::max<std::int64_t>(sums.requested, 1);
  const auto percent = sums.used <= kMost ? sums.used * 100 / requested
                                          : sums.used / std::max<std::int64_t>(requested / 100, 1);
  return std::min<std::int64_t>(percent, std::numeric_limits<std::int32_t>::max());
}

std::int64_t Average(const Sums::Of& sums) { return sums.used / sums.pods; }

using UseOf = std::int64_t (*)(const Sums::Of&);

/// The rules that a resource's two targets share. `missing_used`: by all missing pods, should it
/// be assumed.
HpaAnswer Propose(const HpaSettings& settings, const Sums& sums, UseOf use_of, double target,
                  std::int64_t missing_used, int current) {
  const auto usage = use_of(sums.ready);
  const double ratio = static_cast<double>(usage) / target;
  const bool rises_with_unready = sums.unready.pods > 0 && ratio > 1.0;
  if (!rises_with_unready && sums.missing.pods == 0) {
    const bool keeps = WithinTolerance(settings, ratio);
    return {keeps ? current : ToReplicas(ratio * sums.ready.pods), usage, {}};
  }
  // Whatever is not known is assumed to speak against a change.
  Sums::Of all = sums.ready;
  if (ratio != 1.0) {
    all.pods += sums.missing.pods;
    Add(sums.missing.requested, all.requested);
    Add(ratio < 1.0 ? missing_used : 0, all.used);
  }
  if (rises_with_unready) {
    all.pods += sums.unready.pods;
    Add(sums.unready.requested, all.requested);
  }
  const double new_ratio = static_cast<double>(use_of(all)) / target;
  const bool turns = (ratio < 1.0 && new_ratio > 1.0) || (ratio > 1.0 && new_ratio < 1.0);
  if (turns || WithinTolerance(settings, new_ratio)) {
    return {current, usage, {}};
  }
  const int replicas = ToReplicas(new_ratio * all.pods);
  const bool against =
      (new_ratio < 1.0 && replicas > current) || (new_ratio > 1.0 && replicas < current);
  return {against ? current : replicas, usage, {}};
}

}  // namespace

std::int64_t HpaMilli(double amount) {
  constexpr double kFine = 9'000'000'000;  // Above, billionths do not fit an integer.
  if (!(std::abs(amount) < static_cast<double>(kMostMilli) / 1000)) {
    return amount > 0 ? kMostMilli : amount < 0 ? -kMostMilli : 0;
  }
  if (std::abs(amount) >= kFine) {
    return std::llround(amount * 1000);
  }
  // Use is told in billionths of a core; and 0.3 is not quite 0.3 in binary.
  const auto nano = std::llround(amount * 1e9);
  return nano / 1'000'000 + (nano % 1'000'000 > 0 ? 1 : 0);
}

HpaAnswer HpaUtilization(const HpaSettings& settings, const HpaPods& pods, HpaResource resource,
                         int current, int target_percent) {
  target_percent = std::min(target_percent, kMostPercent);
  const auto sums = Survey(settings, pods, resource).Take(std::max(100, target_percent));
  if (const auto error = ErrorOf(sums, true); !error.empty()) {
    return {{}, 0, error};
  }
  return Propose(settings, sums, Percent, target_percent, sums.missing_at_fallback, current);
}

HpaAnswer HpaAverageUsage(const HpaSettings& settings, const HpaPods& pods, HpaResource resource,
                          int current, std::int64_t target_milli) {
  const auto sums = Survey(settings, pods, resource).Take(0);
  if (const auto error = ErrorOf(sums, false); !error.empty()) {
    return {{}, 0, error};
  }
  return Propose(settings, sums, Average, static_cast<double>(target_milli),
                 sums.missing.pods * target_milli, current);
}

HpaAnswer HpaValue(const HpaSettings& settings, int current, std::optional<int> ready,
                   std::int64_t value_milli, std::int64_t target_milli) {
  const double ratio = static_cast<double>(value_milli) / static_cast<double>(target_milli);
  if (current == 0) {
    return {ToReplicas(ratio), value_milli, {}};
  }
  if (WithinTolerance(settings, ratio)) {
    return {current, value_milli, {}};
  }
  if (!ready) {
    return {{}, 0, "there are no pods"};
  }
  return {ToReplicas(ratio * *ready), value_milli, {}};
}

HpaAnswer HpaAverageValue(const HpaSettings& settings, int existing, std::int64_t value_milli,
                          std::int64_t target_milli) {
  const auto value = static_cast<double>(value_milli);
  const auto target = static_cast<double>(target_milli);
  const double ratio = value / (target * existing);  // From none: infinite, or no number.
  const int replicas =
      WithinTolerance(settings, ratio) ? existing : ToReplicas(std::ceil(value / target));
  const double average = existing > 0 ? std::ceil(value / existing) : 0;
  return {replicas, static_cast<std::int64_t>(average), {}};
}

std::optional<int> HpaReadyPods(const HpaPods& pods) {
  std::optional<int> ready;
  for (const auto& pod : pods.pods) {
    if (!pod.owned && !pods.foreign) {
      continue;
    }
    ready = ready.value_or(0) + (pod.phase == Pod::Phase::kRunning && pod.ready ? 1 : 0);
  }
  return ready;
}

}  // namespace scaler::engine

#include "tests/demo/traffic/account.h"

#include <algorithm>
#include <utility>

namespace demo {
namespace {

double Seconds(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Keeps an endless run from growing.
template <typename T>
void AppendBounded(std::vector<T>& list, T element) {
  if (list.size() == Account::kMostDetails) {
    list.erase(list.begin());
  }
  list.push_back(std::move(element));
}

}  // namespace

std::string CauseName(Cause cause) {
  switch (cause) {
    case Cause::kInjected:
      return "injected";
    case Cause::kLostToReclaim:
      return "lost_to_reclaim";
    case Cause::kLostToScaling:
      return "lost_to_scaling";
    case Cause::kOther:
      return "other";
  }
  return "other";
}

std::uint64_t Totals::Failed() const {
  std::uint64_t sum = 0;
  for (const auto& [cause, count] : failed) {
    sum += count;
  }
  return sum;
}

std::uint64_t Totals::FailedBy(Cause cause) const {
  const auto found = failed.find(cause);
  return found == failed.end() ? 0 : found->second;
}

std::uint64_t Totals::WithStatus() const {
  auto count = sent;
  for (const auto fate : {Fate::kRefused, Fate::kReset, Fate::kTimedOut, Fate::kNotSent}) {
    const auto found = failed_by_fate.find(FateName(fate));
    count -= found == failed_by_fate.end() ? 0 : found->second;
  }
  return count;
}

void Account::Window::Answered(MonotonicTime sent, MonotonicTime ended) {
  if (recovered && !end && sent >= *recovered) {
    end = ended;
  }
}

bool Account::Window::Explains(const Outcome& outcome, MonotonicTime latest) const {
  return outcome.ended >= begin && outcome.sent <= (end ? std::min(*end, latest) : latest);
}

Account::Account(std::vector<std::string> tenants) {
  for (auto& name : tenants) {
    tenants_.emplace_back().name = std::move(name);
  }
}

void Account::SetServing(std::size_t tenant) { tenants_.at(tenant).at_zero = false; }

void Account::Apply(const Event& event) {
  std::visit([this](const auto& what) { On(what); }, event);
}

void Account::On(const Outcome& outcome) {
  auto& tenant = tenants_.at(outcome.tenant);
  ++totals_.sent;
  if (outcome.fate == Fate::kAnswered) {
    OnAnswered(tenant, outcome);
  } else if (outcome.fate == Fate::kWaking && tenant.at_zero) {
    ++totals_.waking;
    ++tenant.refused;
    if (!tenant.first_refused) {
      tenant.first_refused = outcome.ended;
      tenant.first_visit = outcome.sent;
    }
  } else {
    OnFailed(tenant, outcome);
  }
}

void Account::OnAnswered(Tenant& tenant, const Outcome& outcome) {
  ++totals_.answered;
  if (tenant.at_zero && tenant.woken) {
    if (tenant.first_refused) {
      AppendBounded(wakes_, Wake{.tenant = tenant.name,
                                 .seconds = Seconds(*tenant.first_refused, outcome.ended),
                                 .decision_seconds = Seconds(tenant.first_visit, *tenant.woken),
                                 .refused = tenant.refused});
    }
    tenant.at_zero = false;
    tenant.woken.reset();
    tenant.first_refused.reset();
    tenant.refused = 0;
  }
  if (tenant.fault) {
    tenant.fault->Answered(outcome.sent, outcome.ended);
  }
  for (auto& [number, window] : tenant.ingress_faults) {
    window.Answered(outcome.sent, outcome.ended);
  }
  CountInGaps(tenant, outcome, std::nullopt);
  if (!outcome.replica.empty()) {
    NoteReplica(tenant, outcome);
  }
}

void Account::NoteReplica(Tenant& tenant, const Outcome& outcome) {
  tenant.replicas_seen[outcome.replica] = outcome.ended;
  if (!tenant.open_step || tenant.replicas_before_step.contains(outcome.replica)) {
    return;
  }
  auto& step = load_steps_[*tenant.open_step];
  if (!step.serving_seconds) {
    step.serving_seconds = Seconds(step.began, outcome.ended);
  }
}

void Account::OnFailed(const Tenant& tenant, const Outcome& outcome) {
  const auto cause = CauseOf(tenant, outcome);
  ++totals_.failed[cause];
  ++totals_.failed_by_fate[FateName(outcome.fate)];
  CountInGaps(tenant, outcome, cause);
  if (cause == Cause::kLostToReclaim) {
    ++lost_to_reclaims_[TakenFrom(tenant, outcome)->reclaim];
  }
  if (cause != Cause::kInjected) {
    AppendBounded(losses_, Loss{.tenant = tenant.name, .cause = cause, .outcome = outcome});
  }
}

/// How long an ingress stays away is for whoever hurts it; the shops must be back soon after it.
MonotonicTime Account::LatestOf(const Window& ingress_fault) {
  return ingress_fault.recovered ? *ingress_fault.recovered + kLongestFault : MonotonicTime::max();
}

void Account::CountInGaps(const Tenant& tenant, const Outcome& outcome,
                          std::optional<Cause> failed) {
  for (auto& [number, gap] : gaps_) {
    bool within = outcome.ended >= gap.began && (!gap.back || outcome.sent <= *gap.back);
    if (gap.is_ingress && failed) {
      const auto& window = tenant.ingress_faults.at(number);
      within = window.Explains(outcome, LatestOf(window));
    }
    if (!within) {
      continue;
    }
    if (failed) {
      ++gap.failed[*failed];
      ++gap.failed_by_fate[FateName(outcome.fate)];
    } else {
      ++gap.answered;
    }
  }
}

Cause Account::CauseOf(const Tenant& tenant, const Outcome& outcome) {
  if (tenant.fault && tenant.fault->Explains(outcome, tenant.fault->begin + kLongestFault)) {
    return Cause::kInjected;
  }
  if (std::ranges::any_of(tenant.ingress_faults, [&](const auto& entry) {
        return entry.second.Explains(outcome, LatestOf(entry.second));
      })) {
    return Cause::kInjected;
  }
  if (TakenFrom(tenant, outcome) != nullptr) {
    return Cause::kLostToReclaim;
  }
  const bool just_scaled =
      tenant.last_scaled && outcome.ended - *tenant.last_scaled <= kScalingWindow;
  return tenant.at_zero || just_scaled ? Cause::kLostToScaling : Cause::kOther;
}

const NodeTaken* Account::TakenFrom(const Tenant& tenant, const Outcome& outcome) {
  for (const auto& [number, taken] : tenant.nodes_taken) {
    if (outcome.ended >= taken.at && outcome.sent <= taken.until) {
      return &taken;
    }
  }
  return nullptr;
}

void Account::On(const StepBegan& step) {
  auto& tenant = tenants_.at(step.tenant);
  if (load_steps_.size() == kMostDetails) {
    return;
  }
  std::erase_if(tenant.replicas_seen,
                [&](const auto& seen) { return seen.second + kReplicaMemory < step.at; });
  tenant.replicas_before_step.clear();
  for (const auto& [name, last_answer] : tenant.replicas_seen) {
    tenant.replicas_before_step.insert(name);
  }
  tenant.open_step = load_steps_.size();
  load_steps_.push_back({.tenant = tenant.name, .began = step.at});
}

void Account::On(const FaultInjected& fault) {
  tenants_.at(fault.tenant).fault = Window{.begin = fault.at};
}

void Account::On(const Recovered& recovered) {
  auto& tenant = tenants_.at(recovered.tenant);
  if (tenant.fault && !tenant.fault->recovered) {
    tenant.fault->recovered = recovered.at;
  }
}

void Account::On(const Scaled& scaled) {
  auto& tenant = tenants_.at(scaled.tenant);
  tenant.last_scaled = scaled.at;
  if (scaled.to < scaled.from) {
    ++totals_.scale_downs;
  } else {
    ++totals_.scale_ups;
    if (tenant.open_step && !load_steps_[*tenant.open_step].decision_seconds) {
      auto& step = load_steps_[*tenant.open_step];
      step.decision_seconds = Seconds(step.began, scaled.at);
    }
  }
  if (scaled.to == 0) {
    ++totals_.scaled_to_zero;
    tenant.at_zero = true;
    tenant.woken.reset();
    tenant.first_refused.reset();
    tenant.refused = 0;
  } else if (scaled.from == 0) {
    tenant.woken = scaled.at;
  }
}

void Account::On(const PartHurt& hurt) {
  if (gaps_.size() == kMostDetails) {
    return;
  }
  gaps_[hurt.fault] = Gap{.began = hurt.at, .is_ingress = hurt.is_ingress};
  if (hurt.is_ingress) {
    for (auto& tenant : tenants_) {
      tenant.ingress_faults[hurt.fault] = Window{.begin = hurt.at};
    }
  }
}

void Account::On(const PartBack& back) {
  const auto gap = gaps_.find(back.fault);
  if (gap == gaps_.end()) {
    return;
  }
  gap->second.back = back.at;
  if (gap->second.is_ingress) {
    for (auto& tenant : tenants_) {
      tenant.ingress_faults.at(back.fault).recovered = back.at;
    }
  }
}

void Account::On(const NodeTaken& taken) {
  if (taken.reclaim >= kMostDetails) {
    return;
  }
  for (auto& tenant : tenants_) {
    if (taken.tenants.contains(tenant.name)) {
      tenant.nodes_taken[taken.reclaim] = taken;
    }
  }
}

std::vector<std::string> Account::StillWaking() const {
  std::vector<std::string> names;
  for (const auto& tenant : tenants_) {
    if (tenant.first_refused) {
      names.push_back(tenant.name);
    }
  }
  return names;
}

}  // namespace demo

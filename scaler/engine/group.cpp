#include "scaler/engine/group.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace scaler::engine {
namespace {

/// What is left of the two caps.
class Budget {
 public:
  explicit Budget(const ScalingGroup& group)
      : replicas_(group.max_replicas.value_or(std::numeric_limits<int>::max())),
        cpu_cores_(group.max_cpu_cores.value_or(std::numeric_limits<double>::infinity())) {}

  void Take(const Claim& claim, int replicas) {
    replicas_ -= replicas;
    cpu_cores_ -= claim.cpu_cores * replicas;
  }

  [[nodiscard]] bool Has(const Claim& claim) const {
    // What is left after many subtractions may be a hair less than what was meant.
    constexpr double kHair = 1e-9;
    return replicas_ > 0 && claim.cpu_cores <= cpu_cores_ + kHair;
  }

 private:
  int replicas_;
  double cpu_cores_;
};

/// Hands out one replica at a time to the tenant that has the fewest; within a tenant to the
/// workload that has the fewest.
class Round {
 public:
  Round(const std::vector<Claim>& claims, int priority, std::vector<int>& granted)
      : claims_(claims), granted_(granted) {
    std::map<std::string, int> of_tenant;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      of_tenant[claims[i].tenant] += granted[i];
    }
    for (std::size_t i = 0; i < claims.size(); ++i) {
      if (claims[i].priority == priority && granted[i] < claims[i].wanted) {
        queue_.insert({of_tenant[claims[i].tenant], granted[i], i});
      }
    }
    tenants_ = std::move(of_tenant);
  }

  void Run(Budget& budget) {
    while (!queue_.empty()) {
      const auto next = *queue_.begin();
      queue_.erase(queue_.begin());
      const auto& claim = claims_[next.index];
      int& of_tenant = tenants_[claim.tenant];
      if (next.of_tenant != of_tenant) {
        queue_.insert({of_tenant, granted_[next.index], next.index});  // another of its got one
        continue;
      }
      if (!budget.Has(claim)) {
        continue;  // A smaller one may still find room.
      }
      budget.Take(claim, 1);
      ++of_tenant;
      if (++granted_[next.index] < claim.wanted) {
        queue_.insert({of_tenant, granted_[next.index], next.index});
      }
    }
  }

 private:
  struct Place {
    int of_tenant;
    int of_workload;
    std::size_t index;

    friend auto operator<=>(const Place&, const Place&) = default;
  };

  const std::vector<Claim>& claims_;
  std::vector<int>& granted_;
  std::map<std::string, int> tenants_;
  std::set<Place> queue_;
};

/// Whether everybody can have what they want; nearly always, so it is asked before anything else.
bool FitsAll(const ScalingGroup& group, const std::vector<Claim>& claims) {
  std::int64_t replicas = 0;
  double cpu_cores = 0;
  for (const auto& claim : claims) {
    replicas += claim.wanted;
    cpu_cores += claim.cpu_cores * claim.wanted;
  }
  return (!group.max_replicas || replicas <= *group.max_replicas) &&
         (!group.max_cpu_cores || cpu_cores <= *group.max_cpu_cores);
}

}  // namespace

std::vector<int> Share(const ScalingGroup& group, const std::vector<Claim>& claims) {
  std::vector<int> granted;
  if (FitsAll(group, claims)) {
    for (const auto& claim : claims) {
      granted.push_back(claim.wanted);
    }
    return granted;
  }
  Budget budget(group);
  std::set<int, std::greater<>> priorities;
  for (const auto& claim : claims) {
    granted.push_back(std::min(claim.floor, claim.wanted));
    budget.Take(claim, granted.back());
    priorities.insert(claim.priority);
  }
  for (const int priority : priorities) {
    Round(claims, priority, granted).Run(budget);
  }
  return granted;
}

}  // namespace scaler::engine

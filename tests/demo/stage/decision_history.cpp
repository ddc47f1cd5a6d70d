#include "tests/demo/stage/decision_history.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

namespace demo {
namespace {

/// From writing a decision down to having done it; generous, for a busy machine.
constexpr auto kDoneWithin = std::chrono::seconds(2);

/// A decision is written down before it is acted on. One that a scaler was killed between is made
/// anew, from the same number.
bool MadeAnew(const DecisionLine& before, const DecisionLine& now,
              const std::vector<common::MonotonicTime>& scaler_kills) {
  return now.from == before.from && std::ranges::any_of(scaler_kills, [&](const auto kill) {
           return before.committed <= kill && kill - before.committed < kDoneWithin &&
                  now.committed > kill;
         });
}

}  // namespace

DecisionHistory CompareDecisions(const std::set<std::uint64_t>& seen,
                                 const std::vector<DecisionLine>& listed,
                                 const std::vector<common::MonotonicTime>& scaler_kills) {
  DecisionHistory history{.seen = seen.size()};
  auto missing = seen;
  std::map<std::string, const DecisionLine*> last;
  for (const auto& decision : listed) {
    missing.erase(decision.id);
    history.held += decision.outcome == "held" ? 1 : 0;
    if (decision.outcome != "scaled") {
      continue;
    }
    auto& before = last[decision.workload];
    if (before != nullptr && before->to != decision.from &&
        !MadeAnew(*before, decision, scaler_kills)) {
      ++history.broken;
    }
    before = &decision;
  }
  history.forgotten = missing.size();
  return history;
}

}  // namespace demo

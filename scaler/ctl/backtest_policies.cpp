#include "scaler/ctl/backtest_policies.h"

#include <algorithm>

#include "scaler/backtest/policy_rule.h"
#include "scaler/policy/read.h"

namespace scaler::ctl {
namespace {

bool IsTaken(const BacktestPolicies& policies, const std::string& name) {
  const auto& reserved = BaselineNames();
  return name == "oracle70" ||
         std::find(reserved.begin(), reserved.end(), name) != reserved.end() ||
         std::any_of(policies.runs.begin(), policies.runs.end(),
                     [&](const auto& run) { return run.first == name; });
}

std::string NameFor(const policy::ScalingPolicy& document, const std::string& file,
                    const BacktestPolicies& policies) {
  auto name = document.name;
  if (IsTaken(policies, name)) {
    name += "@" + file;
  }
  for (int again = 2; IsTaken(policies, name); ++again) {
    name = document.name + "@" + file + "#" + std::to_string(again);
  }
  return name;
}

}  // namespace

const std::vector<std::string>& BaselineNames() {
  static const std::vector<std::string> names{"hpa",    "hpa-cpu", "keda",
                                              "static", "oracle",  "peak-hold"};
  return names;
}

common::Result<BacktestPolicies> ReadBacktestPolicies(const std::vector<std::string>& files) {
  BacktestPolicies policies;
  std::string wrong;
  const auto complain = [&](const std::string& what) {
    wrong += (wrong.empty() ? "" : "\n") + what;
  };
  for (const auto& file : files) {
    common::yaml::Problems problems(file);
    auto documents = policy::ReadFile(file, problems);
    if (!problems.Empty()) {
      complain(problems.AsError().what);
      continue;
    }
    for (auto& document : documents.policies) {
      auto name = NameFor(document, file, policies);
      auto playable = backtest::PlayableDocument(std::move(document), policies.notes);
      if (playable) {
        policies.runs.emplace_back(std::move(name), std::move(*playable));
      } else {
        complain(file + ": " + playable.error().what);
      }
    }
    policies.groups.insert(policies.groups.end(), documents.groups.begin(), documents.groups.end());
  }
  if (wrong.empty() && policies.runs.empty()) {
    complain("there is no ScalingPolicy in the files");
  }
  if (!wrong.empty()) {
    return common::Fail(std::errc::invalid_argument, wrong);
  }
  return policies;
}

}  // namespace scaler::ctl

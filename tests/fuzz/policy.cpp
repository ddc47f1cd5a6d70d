// A file of policies, groups and capacity: read, resolved for a workload when it is good, and
// written as it reads. The same text as another autoscaler's objects: what is made of it is good.

#include <map>
#include <memory>

#include "fuzz/input.h"
#include "scaler/policy/importer/import.h"
#include "scaler/policy/policy_set.h"
#include "scaler/policy/read.h"
#include "scaler/policy/write.h"

namespace {

using scaler::policy::Documents;

/// The only document of a kind that a text holds.
template <typename T>
void RequireSame(const T& one, std::vector<T> Documents::*kind) {
  common::yaml::Problems problems("written.yaml");
  const auto back = scaler::policy::ReadText(ToYaml(scaler::policy::Write(one)), problems);
  fuzz::Require(problems.Empty());
  fuzz::Require((back.*kind).size() == 1 && (back.*kind).front().SameAs(one));
}

void Use(Documents documents) {
  for (const auto& one : documents.policies) {
    RequireSame(one, &Documents::policies);
  }
  for (const auto& one : documents.groups) {
    RequireSame(one, &Documents::groups);
  }
  for (const auto& one : documents.capacity) {
    RequireSame(one, &Documents::capacity);
  }
  const scaler::policy::PolicySet set(
      {{"fuzz.yaml", std::make_shared<const Documents>(std::move(documents))}});
  const scaler::policy::Subject subject{
      .name_space = "local", .name = "shop-01", .labels = {{"app", "shop"}, {"tier", "paid"}}};
  const scaler::engine::Time now(std::chrono::hours(24 * 365 * 56));
  (void)set.Scheduled(now, now + std::chrono::hours(8 * 24)).Resolve(subject);
  (void)set.GroupsOf(subject, "shop-01");
  (void)set.Check({subject});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Text(data, size);
  const fuzz::InputFile file(text);
  common::yaml::Problems problems("fuzz.yaml");
  auto documents = scaler::policy::ReadFile(file.Path(), problems);
  (void)problems.AsError();
  if (problems.Empty()) {
    Use(std::move(documents));
  }
  const auto import = scaler::policy::importer::ImportText(text, "fuzz.yaml");
  for (const auto& policy : import.policies) {
    common::yaml::Problems imported("imported.yaml");
    (void)scaler::policy::ReadText(ToYaml(policy), imported);
    fuzz::Require(imported.Empty());
  }
  return 0;
}

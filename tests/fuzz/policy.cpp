// A file of policies: read, and resolved for a workload when it is good.

#include <map>
#include <memory>

#include "fuzz/input.h"
#include "scaler/policy/policy_set.h"
#include "scaler/policy/read.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file(fuzz::Text(data, size));
  common::yaml::Problems problems("fuzz.yaml");
  auto documents = scaler::policy::ReadFile(file.Path(), problems);
  (void)problems.AsError();
  if (problems.Empty()) {
    const scaler::policy::PolicySet set(
        {{"fuzz.yaml", std::make_shared<const scaler::policy::Documents>(std::move(documents))}});
    const scaler::policy::Subject subject{
        .name_space = "local", .name = "shop-01", .labels = {{"app", "shop"}, {"tier", "paid"}}};
    (void)set.Resolve(subject);
    (void)set.Check({subject});
  }
  return 0;
}

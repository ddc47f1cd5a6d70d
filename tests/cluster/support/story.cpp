#include "tests/cluster/support/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace cluster {

std::string Policy(const std::string& name_space, const std::string& target, int min, int max,
                   const std::string& more) {
  return fmt::format(R"(apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {{name: {1}, namespace: {0}}}
spec:
  target: {{kind: Deployment, name: {1}}}
  replicas: {{min: {2}, max: {3}}}
  objective: {{overload: 50%}}
  signals: {{inFlight: {{perReplica: 10}}}}
{4})",
                     name_space, target, min, max, more);
}

std::unique_ptr<SignalSource> Story::source_;
std::unique_ptr<Scaler> Story::scaler_;

void Story::SetUpTestSuite() { StartScaler({}); }

void Story::StartScaler(std::vector<std::string> agents) {
  Install();
  source_ = std::make_unique<SignalSource>();
  agents.push_back(source_->Address());
  scaler_ = std::make_unique<Scaler>(Plane(), "scaler", std::move(agents));
}

void Story::TearDownTestSuite() {
  scaler_.reset();
  source_.reset();
}

void Story::TearDown() {
  EXPECT_TRUE(scaler_->IsRunning());
  if (HasFailure()) {
    constexpr std::size_t kMost = 6000;
    const auto log = scaler_->Log();
    std::fputs(log.substr(log.size() - std::min(log.size(), kMost)).c_str(), stderr);
  }
}

void Story::Apply(const std::string& manifest) const {
  Plane().Must({"apply", "-n", namespace_, "-f", "-"}, manifest);
}

std::string Story::Ask(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"-n", namespace_});
  return Plane().Kubectl(arguments).out;
}

std::string Story::Field(const std::string& object, const std::string& path) const {
  return Ask({"get", object, "-o", "jsonpath={" + path + "}"});
}

bool Story::Becomes(const std::string& deployment, int replicas) const {
  return Eventually([&] {
    return Field("deployment/" + deployment, ".spec.replicas") == std::to_string(replicas);
  });
}

void Story::Begin(const std::string& name, int in_flight, int min, int max,
                  const std::string& more) const {
  Apply(Deployment(name, min));
  Source().SetInFlight(name, static_cast<std::uint64_t>(in_flight));
  Apply(Policy(namespace_, name, min, max, more));
  ASSERT_TRUE(Becomes(name, std::clamp((in_flight + 9) / 10, min, max)));
}

}  // namespace cluster

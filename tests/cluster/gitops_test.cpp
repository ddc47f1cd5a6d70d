// How Argo CD and Flux meet a scaler at spec.replicas: with the commands, field managers and flags
// that these tools use, on a real API server. docs/gitops-argocd.md, docs/gitops-flux.md.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/install.h"

namespace cluster {
namespace {

using ::testing::HasSubstr;

/// What Git says of the workload.
enum class InGit { kWithReplicas, kWithoutReplicas };

std::string Manifest(InGit in_git, const std::string& image) {
  auto text = Deployment("shop", 2);
  text.replace(text.find("image: shop"), 11, "image: " + image);
  const std::string line = "  replicas: 2\n";
  return in_git == InGit::kWithReplicas ? text : text.erase(text.find(line), line.size());
}

class GitOps : public testing::Test {
 protected:
  /// Flux: kustomize-controller.
  void FluxApplies(const std::string& manifest) const {
    Plane().Must({"apply", "--server-side", "--force-conflicts",
                  "--field-manager=kustomize-controller", "-n", namespace_, "-f", "-"},
                 manifest);
  }

  /// Argo CD without further options: as kubectl does by itself.
  void ArgoApplies(const std::string& manifest) const {
    Plane().Must({"apply", "-n", namespace_, "-f", "-"}, manifest);
  }

  /// Argo CD with the option ServerSideApply=true.
  void ArgoAppliesOnTheServer(const std::string& manifest) const {
    Plane().Must({"apply", "--server-side", "--force-conflicts",
                  "--field-manager=argocd-controller", "-n", namespace_, "-f", "-"},
                 manifest);
  }

  /// The scaler's own request.
  void ScalerWants(int replicas) const {
    Plane().Must({"patch", "deployment/shop", "-n", namespace_, "--subresource=scale",
                  "--type=merge", "--field-manager=trimtab-scaler", "-p",
                  fmt::format(R"({{"spec":{{"replicas":{}}}}})", replicas)});
  }

  [[nodiscard]] std::string Replicas() const {
    return Plane().Must(
        {"get", "deployment/shop", "-n", namespace_, "-o", "jsonpath={.spec.replicas}"});
  }

  [[nodiscard]] std::string Image() const {
    return Plane().Must({"get", "deployment/shop", "-n", namespace_, "-o",
                         "jsonpath={.spec.template.spec.containers[0].image}"});
  }

  /// The managers of spec.replicas, in words.
  [[nodiscard]] std::string OwnersOfReplicas() const {
    return Plane().Must({"get", "deployment/shop", "-n", namespace_, "--show-managed-fields", "-o",
                         "go-template={{range $m := .metadata.managedFields}}{{range $k, $v := "
                         "index $m.fieldsV1 \"f:spec\"}}{{if eq $k \"f:replicas\"}}{{$m.manager}} "
                         "{{end}}{{end}}{{end}}"});
  }

  const std::string namespace_ = NewNamespace("gitops");
};

TEST_F(GitOps, FluxAndTheScalerDoNotFightWhereGitLeavesReplicasOut) {
  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));
  ASSERT_EQ(Replicas(), "1");  // Nobody said a number: the API server's default.
  ScalerWants(7);

  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));
  EXPECT_EQ(Replicas(), "7");
  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:2"));

  EXPECT_EQ(Replicas(), "7");
  EXPECT_EQ(Image(), "shop:2");
}

TEST_F(GitOps, FluxTakesTheNumberBackWhereGitHasOne) {
  FluxApplies(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);

  FluxApplies(Manifest(InGit::kWithReplicas, "shop:1"));

  EXPECT_EQ(Replicas(), "2");
}

TEST_F(GitOps, FluxGivesANumberUpOnceTheScalerHasWrittenIt) {
  FluxApplies(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);
  EXPECT_EQ(OwnersOfReplicas(), "trimtab-scaler ");

  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));

  EXPECT_EQ(Replicas(), "7");
}

TEST_F(GitOps, TakingTheNumberOutOfGitBeforeTheScalerWritesFallsToOne) {
  FluxApplies(Manifest(InGit::kWithReplicas, "shop:1"));

  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));

  // Who owned the field alone takes it with him: hence the order in docs/gitops-flux.md.
  EXPECT_EQ(Replicas(), "1");
}

TEST_F(GitOps, ArgoAndTheScalerDoNotFightWhereGitLeavesReplicasOut) {
  ArgoApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));
  ScalerWants(7);

  ArgoApplies(Manifest(InGit::kWithoutReplicas, "shop:2"));

  EXPECT_EQ(Replicas(), "7");
  EXPECT_EQ(Image(), "shop:2");
}

TEST_F(GitOps, ArgoTakesTheNumberBackWhereGitHasOne) {
  ArgoApplies(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);

  ArgoApplies(Manifest(InGit::kWithReplicas, "shop:2"));

  EXPECT_EQ(Replicas(), "2");
}

TEST_F(GitOps, TakingTheNumberOutOfGitFallsToOneWhereArgoAppliesAsAClient) {
  ArgoApplies(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);

  // The annotation with what was applied last still has the number: so it is to be removed.
  ArgoApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));

  EXPECT_EQ(Replicas(), "1");
}

TEST_F(GitOps, ArgoTakesTheNumberBackOnTheServerTooUnlessItIsLeftOut) {
  ArgoAppliesOnTheServer(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);
  ArgoAppliesOnTheServer(Manifest(InGit::kWithReplicas, "shop:1"));
  EXPECT_EQ(Replicas(), "2");
  ScalerWants(7);

  // With ignoreDifferences and RespectIgnoreDifferences=true Argo CD takes the ignored fields out
  // of what it applies.
  ArgoAppliesOnTheServer(Manifest(InGit::kWithoutReplicas, "shop:2"));

  EXPECT_EQ(Replicas(), "7");
  EXPECT_EQ(Image(), "shop:2");
}

TEST_F(GitOps, AConflictIsToldToWhoDoesNotForce) {
  FluxApplies(Manifest(InGit::kWithReplicas, "shop:1"));
  ScalerWants(7);

  const auto outcome = Plane().Kubectl(
      {"apply", "--server-side", "--field-manager=somebody", "-n", namespace_, "-f", "-"},
      Manifest(InGit::kWithReplicas, "shop:1"));

  EXPECT_FALSE(outcome.Ok());
  EXPECT_THAT(outcome.err, HasSubstr("trimtab-scaler"));
  EXPECT_EQ(Replicas(), "7");
}

TEST_F(GitOps, NobodyIsWarnedWhereNobodyEverSaidANumber) {
  FluxApplies(Manifest(InGit::kWithoutReplicas, "shop:1"));
  ScalerWants(7);

  // The API server notes who scales only where the field had an owner before.
  EXPECT_EQ(OwnersOfReplicas(), "");
  Plane().Must({"apply", "--server-side", "--field-manager=somebody", "-n", namespace_, "-f", "-"},
               Manifest(InGit::kWithReplicas, "shop:1"));

  EXPECT_EQ(Replicas(), "2");
}

}  // namespace
}  // namespace cluster

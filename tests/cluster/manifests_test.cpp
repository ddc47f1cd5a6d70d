// deploy/kubernetes on a real API server: strict about every field, with Pod Security and RBAC on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/install.h"

namespace cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kBase = SOURCE_DIR "/deploy/kubernetes/base";

class Manifests : public testing::Test {
 protected:
  static void SetUpTestSuite() { Install(/*pods=*/true); }

  /// The overlay of deploy/kubernetes/README.md, which has the network policies too.
  static std::string Overlay() {
    // Kustomize takes no absolute paths.
    const auto directory = Plane().Directory() / "overlay";
    const auto deploy =
        std::filesystem::relative(SOURCE_DIR "/deploy/kubernetes", Plane().Directory()).string();
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "kustomization.yaml")
        << "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        << "resources: [../" << deploy << "/base]\n"
        << "components: [../" << deploy << "/network-policy]\n"
        << "patches:\n"
           "  - target: {kind: NetworkPolicy, name: trimtab-scaler-from-api-server}\n"
           "    patch: |\n"
           "      - {op: add, path: /spec/ingress/0/from/-,"
           " value: {ipBlock: {cidr: 10.0.0.10/32}}}\n";
    return directory.string();
  }
};

TEST_F(Manifests, AreAppliedTwiceWithoutAChangeOrAWarning) {
  const auto again = Plane().Kubectl({"apply", "--server-side", "--validate=strict", "-k", kBase});
  const auto difference = Plane().Kubectl({"diff", "--server-side", "-k", kBase});

  EXPECT_TRUE(again.Ok()) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(difference.code, 0) << difference.out << difference.err;
}

TEST_F(Manifests, RunTwoScalersOnTwoNodesAndAnAgentOnEach) {
  auto& plane = Plane();
  plane.Must({"rollout", "status", "-n", "trimtab", "--timeout=120s", "deployment/trimtab-scaler"});
  plane.Must({"rollout", "status", "-n", "trimtab", "--timeout=120s", "daemonset/trimtab-agent"});

  const auto nodes =
      plane.Must({"get", "pods", "-n", "trimtab", "-l", "app.kubernetes.io/name=trimtab-scaler",
                  "-o", "jsonpath={.items[*].spec.nodeName}"});
  const auto space = nodes.find(' ');
  ASSERT_NE(space, std::string::npos) << nodes;
  EXPECT_NE(nodes.substr(0, space), nodes.substr(space + 1));
  EXPECT_EQ(plane.Must({"get", "daemonset/trimtab-agent", "-n", "trimtab", "-o",
                        "jsonpath={.status.numberReady}"}),
            "6");
}

TEST_F(Manifests, KeepTheScalersToTheRestrictedLevelOfPodSecurity) {
  const auto warnings =
      Plane().Kubectl({"label", "--dry-run=server", "--overwrite", "namespace", "trimtab",
                       "pod-security.kubernetes.io/enforce=restricted"});

  EXPECT_TRUE(warnings.Ok()) << warnings.err;
  EXPECT_THAT(warnings.err, HasSubstr("trimtab-agent"));
  EXPECT_THAT(warnings.err, Not(HasSubstr("trimtab-scaler")));
}

TEST_F(Manifests, KeepOneScalerWhenNodesAreDrained) {
  EXPECT_TRUE(Eventually([] {
    return Plane().Must({"get", "pdb/trimtab-scaler", "-n", "trimtab", "-o",
                         "jsonpath={.status.disruptionsAllowed}"}) == "1";
  }));
}

TEST_F(Manifests, LetEditorsOfANamespaceWritePoliciesButNotTheirStatus) {
  const auto may = [](const std::string& verb, const std::string& what,
                      const std::string& subresource) {
    return Plane()
        .Kubectl({"auth", "can-i", verb, what, "--subresource=" + subresource, "-n", "default",
                  "--as=somebody", "--as-group=editors"})
        .Ok();
  };
  Plane().Must({"create", "rolebinding", "editors", "-n", "default", "--clusterrole=edit",
                "--group=editors"});

  // The controller manager puts the roles together.
  EXPECT_TRUE(Eventually([&] { return may("create", "scalingpolicies.trimtab.io", ""); }));
  EXPECT_TRUE(may("get", "scalingpolicies.trimtab.io", ""));
  EXPECT_FALSE(may("patch", "scalingpolicies.trimtab.io", "status"));
  EXPECT_FALSE(may("create", "capacitypolicies.trimtab.io", ""));
}

TEST_F(Manifests, TakeTheNetworkPoliciesOfAnOverlayWhichAreAboutTheRightPods) {
  auto& plane = Plane();
  const auto applied =
      plane.Kubectl({"apply", "--server-side", "--validate=strict", "-k", Overlay()});
  ASSERT_TRUE(applied.Ok()) << applied.err;
  const auto field = [&](const std::string& policy, const std::string& path) {
    return plane.Must(
        {"get", "networkpolicy/" + policy, "-n", "trimtab", "-o", "jsonpath={.spec." + path + "}"});
  };

  for (const std::string policy :
       {"trimtab-scaler", "trimtab-scaler-from-api-server", "trimtab-agent"}) {
    const auto label = field(policy, "podSelector.matchLabels.app\\.kubernetes\\.io/name");
    EXPECT_NE(plane.Must({"get", "pods", "-n", "trimtab", "-o", "name", "-l",
                          "app.kubernetes.io/name=" + label}),
              "")
        << policy << " is about nobody";
    const auto port = field(policy, "ingress[0].ports[0].port");
    EXPECT_NE(
        plane.Must({"get", "pods", "-n", "trimtab", "-l", "app.kubernetes.io/name=" + label, "-o",
                    "jsonpath={.items[0].spec.containers[*].ports[?(@.name==\"" + port + "\")]}"}),
        "")
        << policy << " lets nobody in";
  }
  EXPECT_EQ(field("trimtab-scaler-from-api-server", "ingress[0].from[*].ipBlock.cidr"),
            "10.0.0.10/32");
}

// The last one, because nothing is there after it.
TEST_F(Manifests, LeaveNothingWhenTheyAreDeleted) {
  auto& plane = Plane();

  Uninstall();

  const auto left = plane.Must({"get", "-o", "name", "-A",
                                "namespaces,crds,clusterroles,clusterrolebindings,priorityclasses,"
                                "leases,configmaps,secrets,deployments,daemonsets,pods,"
                                "networkpolicies"});
  EXPECT_THAT(left, Not(HasSubstr("trimtab")));
}

}  // namespace
}  // namespace cluster

// deploy/kubernetes on a real API server: strict about every field, with Pod Security and RBAC on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// The last one, because nothing is there after it.
TEST_F(Manifests, LeaveNothingWhenTheyAreDeleted) {
  auto& plane = Plane();

  Uninstall();

  const auto left = plane.Must({"get", "-o", "name", "-A",
                                "namespaces,crds,clusterroles,clusterrolebindings,priorityclasses,"
                                "leases,configmaps,secrets,deployments,daemonsets,pods"});
  EXPECT_THAT(left, Not(HasSubstr("trimtab")));
}

}  // namespace
}  // namespace cluster

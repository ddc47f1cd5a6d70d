#include "agent/cgroup/pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/agent/scratch_tree.h"

// The trees are made by hand from the layout that Kubernetes and the runtimes document: this
// machine runs no kubelet that could be recorded.

namespace agent::cgroup {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string kA(64, 'a');
const std::string kB(64, 'b');
const std::string kC(64, 'c');
const std::string kD(64, 'd');
constexpr const char* kUid = "3a1f0c2e-5a0b-4f0e-9d3c-0123456789ab";
constexpr const char* kSlicedUid = "3a1f0c2e_5a0b_4f0e_9d3c_0123456789ab";

void Make(const tests::ScratchTree& tree, const std::string& cgroup) {
  tree.Write("sys/fs/cgroup/" + cgroup + "/cgroup.procs", "");
}

std::vector<PodCgroup> Find(const tests::ScratchTree& tree, const std::string& mount = {},
                            const std::string& slice = {}) {
  return FindPodCgroups(tree.Path(), "/sys/fs/cgroup" + mount, slice);
}

TEST(PodCgroups, AreFoundInTheSlicesOfSystemd) {
  const tests::ScratchTree tree{};
  const std::string quality = "kubepods.slice/kubepods-burstable.slice/";
  const auto pod = quality + "kubepods-burstable-pod" + kSlicedUid + ".slice/";
  const auto guaranteed = std::string("kubepods.slice/kubepods-pod") + kSlicedUid + ".slice/";
  const std::string mirror =
      "kubepods.slice/kubepods-besteffort.slice/"
      "kubepods-besteffort-pod0123456789abcdef0123456789abcdef.slice/";
  Make(tree, pod + "cri-containerd-" + kA + ".scope");
  Make(tree, guaranteed + "crio-" + kB + ".scope");
  Make(tree, guaranteed + "crio-conmon-" + kB + ".scope");
  Make(tree, mirror + "docker-" + kC + ".scope");
  Make(tree, "system.slice/containerd.service");
  EXPECT_THAT(Find(tree),
              UnorderedElementsAre(PodCgroup{kUid, kA, pod + "cri-containerd-" + kA + ".scope"},
                                   PodCgroup{kUid, kB, guaranteed + "crio-" + kB + ".scope"},
                                   PodCgroup{"0123456789abcdef0123456789abcdef", kC,
                                             mirror + "docker-" + kC + ".scope"}));
}

TEST(PodCgroups, AreFoundInTheDirectoriesOfCgroupfs) {
  const tests::ScratchTree tree{};
  const auto pod = std::string("kubepods/burstable/pod") + kUid + "/";
  const auto guaranteed = std::string("kubepods/pod") + kUid + "/";
  Make(tree, "memory/" + pod + kA);
  Make(tree, "memory/" + pod + "crio-" + kB);
  Make(tree, "memory/" + pod + "crio-conmon-" + kB);
  Make(tree, "memory/" + guaranteed + kC);
  EXPECT_THAT(Find(tree, "/memory"), UnorderedElementsAre(PodCgroup{kUid, kA, pod + kA},
                                                          PodCgroup{kUid, kB, pod + "crio-" + kB},
                                                          PodCgroup{kUid, kC, guaranteed + kC}));
}

TEST(PodCgroups, AreFoundBelowAKubeletInAContainerAndInAPartOfTheMachine) {
  const tests::ScratchTree tree{};
  const auto kind = std::string(
                        "kubelet.slice/kubelet-kubepods.slice/"
                        "kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod") +
                    kSlicedUid + ".slice/cri-containerd-" + kA + ".scope";
  const auto inner = std::string("node-1/kubelet/kubepods/besteffort/pod") + kUid + "/" + kD;
  Make(tree, kind);
  Make(tree, inner);
  EXPECT_THAT(Find(tree), ElementsAre(PodCgroup{kUid, kA, kind}));
  EXPECT_THAT(Find(tree, "", "node-1"), ElementsAre(PodCgroup{kUid, kD, inner}));
}

TEST(PodCgroups, OfAMachineWithoutAKubeletAreNone) {
  const tests::ScratchTree tree{{"sys/fs/cgroup/trimtab/shop-01-1/cpu.stat", ""}};
  EXPECT_THAT(Find(tree), IsEmpty());
  EXPECT_THAT(Find(tree, "/nowhere"), IsEmpty());
}

TEST(PodCgroups, NamesOfOtherThingsAreNone) {
  for (const auto* name : {"", "pod", "podium.slice", "kubepods-burstable.slice", "burstable",
                           "pod../..", "system-pod1.slice", "kubepods-pod.slice"}) {
    EXPECT_EQ(PodUidOf(name), std::nullopt) << name;
  }
  for (const auto& name : {std::string(), std::string("init.scope"), "run-" + kA + ".scope",
                           "crio-conmon-" + kA + ".scope", std::string("cri-containerd-.scope"),
                           std::string("abcdef"), kA + "g"}) {
    EXPECT_EQ(ContainerIdOf(name), std::nullopt) << name;
  }
  EXPECT_EQ(ContainerIdOf("libpod-" + kA + ".scope"), kA);
}

}  // namespace
}  // namespace agent::cgroup

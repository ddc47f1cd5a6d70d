// The way of somebody who is new to it, on a real API server: deploy/kubernetes is applied, a
// policy is written, load comes, kubectl and trimtabctl say what became of it, and all of it is
// deleted. KWOK runs no containers: trimtab-scaler runs on this host with the arguments, the
// environment, the Secrets and the address of the pod whose place it takes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/install.h"
#include "tests/cluster/support/network.h"
#include "tests/cluster/support/signal_source.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kMinutes = std::chrono::seconds(180);

std::string Get(const std::string& name_space, const std::string& object, const std::string& path) {
  return Plane().Kubectl({"get", object, "-n", name_space, "-o", "jsonpath={" + path + "}"}).out;
}

/// Words, one a line.
std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

class Newcomer : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  [[nodiscard]] static std::string Of(const std::string& object, const std::string& path) {
    return Get("shops", object, path);
  }
  [[nodiscard]] static std::string Condition(const std::string& type, const std::string& field) {
    return Of("tsp/shop", fmt::format(".status.conditions[?(@.type==\"{}\")].{}", type, field));
  }
  static void Apply(const std::string& manifest) {
    Plane().Must({"apply", "-n", "shops", "-f", "-"}, manifest);
  }

  /// As a person at a terminal, with the rights of the user of that kubeconfig.
  [[nodiscard]] static Outcome Ctl(std::vector<std::string> arguments,
                                   const std::string& user = "admin.kubeconfig") {
    arguments.insert(arguments.begin(), BINARY_DIR "/trimtabctl");
    arguments.insert(arguments.end(), {"--kubeconfig", (Plane().Pki() / user).string()});
    return RunToEnd(arguments, "", Plane().Directory());
  }

 private:
  /// Like a kubelet: what a Secret holds, as files that may be read by whom the pod says.
  static void Mount(const std::string& pod, const std::string& secret,
                    const std::vector<std::string>& keys, const std::filesystem::path& directory);

  static std::unique_ptr<SignalSource> source_;

 protected:
  static void StartScaler(const std::string& pod);
  [[nodiscard]] static SignalSource& Source() { return *source_; }
};

std::unique_ptr<SignalSource> Newcomer::source_;

void Newcomer::Mount(const std::string& pod, const std::string& secret,
                     const std::vector<std::string>& keys, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  const auto mode =
      std::stoi(Get("trimtab", pod, ".spec.volumes[?(@.name==\"config\")].projected.defaultMode"));
  for (const auto& key : keys) {
    auto field = key;
    if (const auto dot = field.find('.'); dot != std::string::npos) {
      field.insert(dot, "\\");
    }
    const auto text = RunToEnd({"base64", "--decode"}, Get("trimtab", secret, ".data." + field),
                               Plane().Directory());
    std::ofstream(directory / key) << text.out;
    std::filesystem::permissions(directory / key, static_cast<std::filesystem::perms>(mode));
  }
}

void Newcomer::StartScaler(const std::string& pod) {
  auto& plane = Plane();
  const auto directory = plane.Directory() / "pod";
  std::filesystem::create_directories(directory / "state");
  plane.WriteAccount("trimtab", "trimtab-scaler", directory / "kubeconfig");
  std::ofstream(directory / "scaler.config.yaml")
      << fmt::format("kubernetes: {{kubeconfig: {}}}\n", (directory / "kubeconfig").string());
  std::vector<std::string> command = {"env", "POD_NAME=" + pod.substr(pod.find('/') + 1),
                                      "POD_UID=" + Get("trimtab", pod, ".metadata.uid"),
                                      "POD_NAMESPACE=trimtab", BINARY_DIR "/trimtab-scaler"};
  const auto replace = [](std::string& text, const std::string& what, const std::string& by) {
    if (const auto at = text.find(what); at != std::string::npos) {
      text.replace(at, what.size(), by);
    }
  };
  auto arguments = Get("trimtab", pod, "range .spec.containers[0].args[*]}{@}{\"\\n\"}{end");
  for (auto argument : Lines(arguments)) {
    replace(argument, "0.0.0.0", Get("trimtab", pod, ".status.podIP"));
    replace(argument, "/etc/trimtab", directory.string());
    replace(argument, "/var/lib/trimtab", (directory / "state").string());
    command.push_back(argument);
  }
  ASSERT_TRUE(plane.Children().Start("pod", command, directory / "log"));
}

void Newcomer::SetUpTestSuite() {
  EnterOwnNetwork();
  auto& plane = Plane();
  Install(/*pods=*/true);
  // One of each: who else is behind a Service is nobody, and on one address there is one agent.
  plane.Must({"scale", "deployment/trimtab-scaler", "-n", "trimtab", "--replicas=1"});
  plane.Must({"patch", "daemonset/trimtab-agent", "-n", "trimtab", "-p",
              R"({"spec":{"template":{"spec":{"nodeSelector":)"
              R"({"kubernetes.io/hostname":"on-demand-0"}}}}})"});
  plane.Must({"rollout", "status", "-n", "trimtab", "--timeout=120s", "deployment/trimtab-scaler"});
  plane.Must({"rollout", "status", "-n", "trimtab", "--timeout=120s", "daemonset/trimtab-agent"});
  const auto mounted = plane.Directory() / "pod";
  const auto pods = [&] {
    return Lines(plane.Must({"get", "pods", "-n", "trimtab", "-o", "name", "-l",
                             "app.kubernetes.io/name=trimtab-scaler"}));
  };
  // The other one may still be on its way out.
  ASSERT_TRUE(Eventually([&] { return pods().size() == 1; }, kMinutes));
  const auto pod = pods().front();
  Mount(pod, "secret/trimtab-tls", {"tls.crt", "tls.key", "ca.crt"}, mounted / "tls");
  Mount(pod, "secret/trimtab-tokens", {"token"}, mounted / "tokens");
  source_ = std::make_unique<SignalSource>(
      exporters::ListenAddress{"127.0.0.1", 9105},
      exporters::ServerSecurity{.certificate_file = mounted / "tls/tls.crt",
                                .key_file = mounted / "tls/tls.key",
                                .token_file = mounted / "tokens/token"});
  StartScaler(pod);
  plane.Must({"create", "namespace", "shops"});
  Apply(Deployment("shop", 1));
  Source().SetInFlight("shop", 50);
  Apply(Policy("shops", "shop", 1, 10));
  ASSERT_TRUE(Eventually([] { return Of("deployment/shop", ".spec.replicas") == "5"; }, kMinutes));
  ASSERT_TRUE(Eventually([] { return Of("tsp/shop", ".status.current") == "5"; }, kMinutes));
  // One that is refused, mended, and refused again: the second time is counted with the first.
  const auto bad = Policy("shops", "wrong", 1, 10, "  formula: inFlight + lag\n");
  for (const auto& manifest : {bad, Policy("shops", "wrong", 1, 10), bad}) {
    Apply(manifest);
    const auto valid = manifest == bad ? "False" : "True";
    ASSERT_TRUE(Eventually([&] {
      return Of("tsp/wrong", ".status.conditions[?(@.type==\"Valid\")].status") == valid;
    }));
  }
}

void Newcomer::TearDownTestSuite() {
  Plane().Children().Kill("pod");
  source_.reset();
}

TEST_F(Newcomer, SeesInATableWhatAPolicyComesTo) {
  const auto table = Lines(Plane().Must({"get", "tsp", "shop", "-n", "shops"}));

  ASSERT_EQ(table.size(), 2U);
  EXPECT_THAT(table[0], ContainsRegex("^NAME +TARGET +MIN +MAX +CURRENT +DESIRED +MODE +READY "
                                      "+REASON +AGE"));
  EXPECT_THAT(table[1],
              ContainsRegex("^shop +shop +1 +10 +5 +5 +active +True +Scaling +[0-9]+[sm]"));
  EXPECT_THAT(Plane().Must({"get", "trimtab", "-A", "-o", "name"}),
              HasSubstr("scalingpolicy.trimtab.io/shop"));
  EXPECT_THAT(Plane().Must({"get", "tsp", "shop", "-n", "shops", "-o", "wide"}),
              HasSubstr("in_flight"));
}

TEST_F(Newcomer, ReadsTheStatusOfThePolicy) {
  EXPECT_EQ(Of("tsp/shop", ".status.observedGeneration"), Of("tsp/shop", ".metadata.generation"));
  EXPECT_EQ(Of("tsp/shop", ".status.desired"), "5");
  EXPECT_EQ(Of("tsp/shop", ".status.workloads"), "1");
  EXPECT_EQ(Condition("Ready", "status"), "True");
  EXPECT_EQ(Condition("Active", "status"), "True");
  EXPECT_EQ(Condition("Held", "status"), "False");
  EXPECT_EQ(Of("tsp/shop", ".status.lastDecision.from"), "1");
  EXPECT_EQ(Of("tsp/shop", ".status.lastDecision.to"), "5");
  EXPECT_EQ(Of("tsp/shop", ".status.lastDecision.workload"), "shops/shop");
  EXPECT_THAT(Of("tsp/shop", ".status.lastDecision.why"), HasSubstr("in_flight"));
}

TEST_F(Newcomer, FindsTheStatusUntouchedWhileNothingHappens) {
  const auto before = Of("tsp/shop", ".metadata.resourceVersion");

  // Another one comes and has its status, twice: time enough for the first.
  Source().SetInFlight("other", 20);
  Apply(Deployment("other", 1));
  Apply(Policy("shops", "other", 1, 10));
  Source().SetInFlight("shop", 49);
  ASSERT_TRUE(Eventually([] { return Of("tsp/other", ".status.current") == "2"; }, kMinutes));
  Source().SetInFlight("other", 40);
  ASSERT_TRUE(Eventually([] { return Of("tsp/other", ".status.current") == "4"; }, kMinutes));

  EXPECT_EQ(Of("tsp/shop", ".metadata.resourceVersion"), before);
}

TEST_F(Newcomer, IsToldWhyByDescribe) {
  const auto scaled =
      "Normal +Scaled +[0-9]+[sm].* trimtab.io/scaler +(shops/shop: )?scaled 1 -> 5: "
      ".*in_flight";

  EXPECT_TRUE(Eventually([] {
    return Plane().Must({"describe", "deployment/shop", "-n", "shops"}).find("scaled 1 -> 5") !=
           std::string::npos;
  }));
  EXPECT_THAT(Plane().Must({"describe", "deployment/shop", "-n", "shops"}), ContainsRegex(scaled));
  EXPECT_THAT(Plane().Must({"describe", "tsp/shop", "-n", "shops"}), ContainsRegex(scaled));
}

TEST_F(Newcomer, FindsEventsThatSayWhoDidWhatToWhat) {
  const auto event =
      Plane().Must({"get", "events.v1.events.k8s.io", "-n", "shops", "-o",
                    "jsonpath={range .items[?(@.reason==\"Scaled\")]}{.regarding.kind} "
                    "{.regarding.name} {.related.kind} {.action} {.type} {.reportingController} "
                    "{.reportingInstance}{\"\\n\"}{end}"});

  const auto pod = Get("trimtab", "lease/trimtab-scaler", ".spec.holderIdentity");
  const auto said = " Scale Normal trimtab.io/scaler " + pod.substr(0, pod.find('_'));
  EXPECT_THAT(event, HasSubstr("Deployment shop ScalingPolicy" + said));
  EXPECT_THAT(event, HasSubstr("ScalingPolicy shop Deployment" + said));
}

TEST_F(Newcomer, AsksTheScalerThroughTheApiServerWithoutAnyPortForward) {
  const auto status = Ctl({"status"});
  const auto why = Ctl({"explain", "shops/shop"});

  EXPECT_TRUE(status.Ok()) << status.err;
  EXPECT_THAT(status.out, ContainsRegex("shops/shop +5/5"));
  EXPECT_TRUE(why.Ok()) << why.err;
  EXPECT_THAT(why.out, AllOf(HasSubstr("1 -> 5"), HasSubstr("in_flight")));
}

TEST_F(Newcomer, FreezesAndThawsTheScalerThroughTheApiServer) {
  const auto frozen = Ctl({"freeze", "--reason", "stocktaking"});
  EXPECT_TRUE(frozen.Ok()) << frozen.err;
  EXPECT_TRUE(Eventually([] { return Condition("Active", "reason") == "Frozen"; }, kMinutes));
  EXPECT_EQ(Condition("Ready", "message"), "stocktaking");
  const std::string kept = ".metadata.annotations.trimtab\\.io/frozen";
  EXPECT_EQ(Get("trimtab", "lease/trimtab-scaler", kept), "stocktaking") << "for the next leader";
  Source().SetInFlight("shop", 80);

  EXPECT_THAT(Ctl({"status"}).out, HasSubstr("stocktaking"));
  EXPECT_EQ(Of("deployment/shop", ".spec.replicas"), "5");
  EXPECT_TRUE(Ctl({"unfreeze"}).Ok());
  EXPECT_EQ(Get("trimtab", "lease/trimtab-scaler", kept), "");
  EXPECT_TRUE(Eventually([] { return Of("deployment/shop", ".spec.replicas") == "8"; }, kMinutes));
}

TEST_F(Newcomer, IsLetInByTheServiceWhereTheLeaseMayNotBeSeenAndByTheTokenOnly) {
  auto& plane = Plane();
  plane.Must({"create", "serviceaccount", "operator", "-n", "trimtab"});
  plane.Must(
      {"create", "role", "operator", "-n", "trimtab", "--verb=get", "--resource=services/proxy"});
  plane.Must({"create", "rolebinding", "operator", "-n", "trimtab", "--role=operator",
              "--serviceaccount=trimtab:operator"});
  plane.WriteAccount("trimtab", "operator", plane.Pki() / "operator.kubeconfig");

  const auto without = Ctl({"status"}, "operator.kubeconfig");
  const auto with =
      Ctl({"status", "--token-file", (plane.Directory() / "pod/tokens/token").string()},
          "operator.kubeconfig");

  EXPECT_FALSE(without.Ok());
  EXPECT_THAT(without.err, HasSubstr("--token-file"));
  EXPECT_TRUE(with.Ok()) << with.err;
  EXPECT_THAT(with.out, HasSubstr("shops/shop"));
}

TEST_F(Newcomer, SeesCountedWhatHappenedAgain) {
  EXPECT_TRUE(Eventually(
      [] {
        return Plane().Must({"describe", "tsp/wrong", "-n", "shops"}).find("(x2 over ") !=
               std::string::npos;
      },
      kMinutes))
      << Plane().Must({"describe", "tsp/wrong", "-n", "shops"});
}

TEST_F(Newcomer, IsAnsweredAndFindsItFrozenWhenThePodThatLedIsGone) {
  auto& plane = Plane();
  const auto pod = [&] {
    const auto names = Lines(plane.Must({"get", "pods", "-n", "trimtab", "-o", "name", "-l",
                                         "app.kubernetes.io/name=trimtab-scaler",
                                         "--field-selector", "status.phase=Running"}));
    return names.size() == 1 ? names.front() : "";
  };
  const auto old = pod();
  ASSERT_TRUE(Ctl({"freeze", "--reason", "a new pod"}).Ok());
  plane.Children().Kill("pod");
  plane.Must({"delete", old, "-n", "trimtab"});
  // The next one has none of its files.
  std::filesystem::remove_all(plane.Directory() / "pod/state");
  ASSERT_TRUE(Eventually([&] { return !pod().empty() && pod() != old; }, kMinutes));
  StartScaler(pod());

  const auto status = Ctl({"status"});
  EXPECT_TRUE(status.Ok()) << status.err;
  EXPECT_THAT(status.err, HasSubstr("does not answer; waiting for the next one"));
  EXPECT_THAT(status.out, ContainsRegex("FROZEN since .*: a new pod"));
  const auto thawed = Ctl({"unfreeze"});
  EXPECT_TRUE(thawed.Ok()) << thawed.err;
  EXPECT_THAT(Get("trimtab", "lease/trimtab-scaler", ".spec.holderIdentity"),
              HasSubstr(pod().substr(pod().find('/') + 1)));
  EXPECT_THAT(Ctl({"status"}).out, Not(HasSubstr("FROZEN")));
}

TEST_F(Newcomer, HasHadNoWriteRefusedBesideWhatWasWrittenMeanwhile) {
  std::vector<std::string> refused;
  for (const auto& request : Requests(Plane())) {
    if (request.code >= 400 && request.code != 404 && request.code != 409) {
      refused.push_back(
          fmt::format("{} {} {} {}", request.code, request.verb, request.resource, request.name));
    }
  }

  EXPECT_THAT(refused, IsEmpty());
}

// The last one, because nothing is there after it.
TEST_F(Newcomer, FindsNothingLeftWhenAllIsDeleted) {
  auto& plane = Plane();
  plane.Must({"delete", "tsp", "--all", "-n", "shops", "--timeout=60s"});
  EXPECT_EQ(Of("deployment/shop", ".spec.replicas"), "8");
  Uninstall();

  plane.Children().Reap();
  EXPECT_EQ(plane.Children().Ending("pod"), std::nullopt) << "the scaler endures it";
  const auto kinds = Lines(plane.Must({"api-resources", "--verbs=list", "-o", "name"}));
  std::vector<std::string> lasting;
  // Events go by themselves, within an hour.
  std::copy_if(kinds.begin(), kinds.end(), std::back_inserter(lasting),
               [](const auto& kind) { return !kind.starts_with("events"); });
  const auto all = fmt::format("{}", fmt::join(lasting, ","));
  EXPECT_THAT(plane.Must({"get", all, "-A", "-o", "name"}), Not(HasSubstr("trimtab")));
  EXPECT_EQ(plane.Must({"get", all, "-A", "-l", "app.kubernetes.io/part-of=trimtab", "-o", "name"}),
            "");
  EXPECT_THAT(plane.Must({"get", "nodes,deployments,pods", "-A", "-o", "yaml"}),
              Not(HasSubstr("trimtab.io")));
}

}  // namespace
}  // namespace cluster

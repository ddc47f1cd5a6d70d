// The roles of the manifests are exactly enough.
//
// One exercise uses all that the programs do: it is a list of things that people, clouds and other
// writers do to a cluster, each with a reaction of ours that needs some right. Under the roles as
// they are, each verb of each resource must be used by a request that succeeds, and none be
// refused. With any one verb of a rule taken away, the real authorizer must refuse just that verb,
// of each resource that the rule names, and nothing else; and the program must say in its log which
// right it lacks, and go on.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/node_agent.h"
#include "tests/cluster/support/objects.h"
#include "tests/cluster/support/story.h"

namespace cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kForbidden = 403;
constexpr auto kNamespace = "rights";

/// One verb of one rule of a role, for one of its resources.
struct Grant {
  std::string role;  ///< "clusterrole/trimtab-scaler"
  std::size_t rule = 0;
  std::size_t index = 0;  ///< Of the verb in the rule.
  std::string verb;
  std::string group;
  std::string resource;

  [[nodiscard]] std::string Account() const { return role.substr(role.find('/') + 1); }

  [[nodiscard]] bool Covers(const Request& request) const {
    return request.account == Account() && request.verb == verb && request.group == group &&
           request.resource == resource &&
           (role.starts_with("clusterrole/") || request.name_space == "trimtab");
  }

  /// As the API server tells who lacks it, and our logs quote it.
  [[nodiscard]] std::string Complaint() const {
    return fmt::format(R"(cannot {} resource \"{}\")", verb, resource);
  }
};

std::vector<std::string> Texts(const boost::json::value& list) {
  return boost::json::value_to<std::vector<std::string>>(list);
}

bool AnyCovers(const std::vector<Grant>& grants, const Request& request) {
  return std::any_of(grants.begin(), grants.end(),
                     [&](const Grant& grant) { return grant.Covers(request); });
}

/// Of the workload of a kind, and the kind as it stands in paths.
std::string NameOf(std::string kind) {
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return kind;
}

/// By rule and verb: what is taken away together.
std::vector<std::vector<Grant>> ReadRoles() {
  std::vector<std::vector<Grant>> verbs;
  for (const std::string role :
       {"clusterrole/trimtab-scaler", "role/trimtab-scaler", "clusterrole/trimtab-agent"}) {
    const auto object =
        boost::json::parse(Plane().Must({"get", role, "-n", "trimtab", "-o", "json"}));
    const auto& rules = object.at("rules").as_array();
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      const auto names = Texts(rules[rule].at("verbs"));
      for (std::size_t index = 0; index < names.size(); ++index) {
        std::vector<Grant> grants;
        for (const auto& resource : Texts(rules[rule].at("resources"))) {
          grants.push_back({role, rule, index, names[index],
                            Texts(rules[rule].at("apiGroups")).at(0), resource});
        }
        verbs.push_back(std::move(grants));
      }
    }
  }
  return verbs;
}

/// A rule without any verb is not valid; one that does not exist grants nothing.
void SetVerb(const Grant& grant, const std::string& verb) {
  Plane().Must({"patch", grant.role, "-n", "trimtab", "--type=json", "-p",
                fmt::format(R"([{{"op":"replace","path":"/rules/{}/verbs/{}","value":"{}"}}])",
                            grant.rule, grant.index, verb)});
}

class Rights : public Story {
 protected:
  static void SetUpTestSuite() {
    Install();
    // Only where KEDA is installed is it asked for its objects.
    Plane().Must({"apply", "-f", "-"}, KedaKind());
    Plane().AwaitKind("scaledobjects.keda.sh");
    agent_ = std::make_unique<NodeAgent>(Plane(), "on-demand-0");
    StartScaler({agent_->Address()});
    audit_ = std::make_unique<AuditReader>(Plane());
    MakeWorld();
    // So that there are events to be counted again.
    for (const int round : {1, 2}) {
      SetDemand(round);
      ASSERT_TRUE(Eventually([&] {
        return Plane().Must({"get", "deployment/deployment", "-n", kNamespace, "-o",
                             "jsonpath={.spec.replicas}"}) == (round == 1 ? "5" : "2");
      }));
    }
  }

  static void TearDownTestSuite() {
    Story::TearDownTestSuite();
    audit_.reset();
    agent_.reset();
  }

  /// A workload of each kind, and a policy of each kind.
  static void MakeWorld() {
    Plane().Must({"create", "namespace", kNamespace});
    std::string all;
    for (const std::string kind : {"Deployment", "StatefulSet", "ReplicaSet"}) {
      const auto name = NameOf(kind);
      auto workload = Deployment(name, 1);
      workload.replace(workload.find("kind: Deployment"), 16, "kind: " + kind);
      auto policy = Policy(kNamespace, name, 1, 10,
                           "  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n"
                           "  guards: {flapping: ignore}\n");
      // Whatever kind it is: not each has a name in policies.
      policy.erase(policy.find("kind: Deployment, "), 18);
      all += workload + "---\n" + policy + "---\n";
    }
    Plane().Must({"apply", "-n", kNamespace, "-f", "-"}, all);
    Spare(0);
    Edit(0);
    SetDemand(0);
  }

  // What is done to the cluster, again and again: `round` says for which time.

  static void SetDemand(int round) {
    for (const std::string name : {"deployment", "statefulset", "replicaset"}) {
      Source().SetInFlight(name, round % 2 == 0 ? 20 : 50);
    }
  }

  /// Somebody else writes all the time what is to be scaled.
  static void Storm(int round) {
    Plane().Children().Kill("storm");
    const auto pki = [](const std::string& name) { return (Plane().Pki() / name).string(); };
    const auto file = Plane().Directory() / "storm.curl";
    std::ofstream config(file);
    constexpr int kWrites = 300;
    for (int i = 0; i < kWrites; ++i) {
      for (const std::string kind : {"Deployment", "StatefulSet", "ReplicaSet"}) {
        config << fmt::format(
            "url=\"https://127.0.0.1:{}/apis/apps/v1/namespaces/{}/{}s/{}\"\nrequest=PATCH\n"
            "header=\"Content-Type: application/merge-patch+json\"\n"
            "data=\"{{\\\"metadata\\\":{{\\\"annotations\\\":{{\\\"storm\\\":\\\"{}-{}\\\"}}}}}}"
            "\"\n"
            "cacert={}\ncert={}\nkey={}\noutput=/dev/null\nsilent\nnext\n",
            Plane().ApiPort(), kNamespace, NameOf(kind), NameOf(kind), round, i, pki("cluster.crt"),
            pki("admin.crt"), pki("admin.key"));
      }
    }
    config.close();
    ASSERT_TRUE(Plane().Children().Start("storm", {"curl", "--config", file.string()},
                                         Plane().Directory() / "storm.log"));
    for (int i = 0; i < 10; ++i) {
      SetDemand(i);
      std::this_thread::sleep_for(milliseconds(100));
    }
  }

  /// A policy of each kind says something else: its status follows.
  static void Edit(int round) {
    Plane().Must({"apply", "-f", "-"}, fmt::format(R"(apiVersion: trimtab.io/v1alpha1
kind: ScalingGroup
metadata: {{name: all}}
spec: {{selector: {{matchLabels: {{app: deployment}}}}, limits: {{replicas: {0}}}}}
)",
                                                   100 + round));
    Plane().Must({"patch", "scalingpolicy/deployment", "-n", kNamespace, "--type=merge", "-p",
                  fmt::format(R"({{"spec":{{"replicas":{{"max":{}}}}}}})", 10 + round % 7)});
    Spare(round);
  }

  /// Placeholders are made, changed and taken away.
  static void Spare(int round) {
    Plane().Must({"apply", "-f", "-"}, fmt::format(R"(apiVersion: trimtab.io/v1alpha1
kind: CapacityPolicy
metadata: {{name: spare}}
spec: {{spare: {{by: placeholderPods, shapes: {{shape-{}: {{cpu: 100m, memory: 1Mi, count: {}}}}}}}}}
)",
                                                   round / 2 % 2, 1 + round % 2));
  }

  /// The node's agent hears that it goes, or that it stays.
  static void Notice(int round) {
    if (round % 2 == 0) {
      Agent().SayItGoesIn(seconds(120));
    } else {
      Agent().SayItStays();
    }
  }

  /// There is somebody to be driven away.
  static void Victim(int round) {
    Agent().SayItGoesIn(seconds(120));
    Pod("victim-" + std::to_string(round), "");
  }

  static void Pod(const std::string& name, const std::string& more) {
    Plane().Must({"apply", "-n", kNamespace, "-f", "-"}, fmt::format(R"(apiVersion: v1
kind: Pod
metadata: {{name: {}}}
spec:
  nodeName: {}
  terminationGracePeriodSeconds: 1
  containers: [{{name: server, image: shop{}}}]
)",
                                                                     name, Agent().Node(), more));
  }

  /// A container ends for a reason that only the events tell.
  static void End(int /*round*/) {
    static int restarts = 0;
    Agent().SayItStays();
    EXPECT_TRUE(Eventually([] {
      return Plane().Must({"get", "node", Agent().Node(), "-o", "jsonpath={.spec.taints}"}).empty();
    }));
    ++restarts;
    Pod("probed", ", livenessProbe: {tcpSocket: {port: 80}}");
    Plane().Must(
        {"patch", "pod/probed", "-n", kNamespace, "--subresource=status", "--type=merge", "-p",
         fmt::format(
             R"({{"status":{{"phase":"Running","containerStatuses":[{{"name":"server","image":"shop",)"
             R"("imageID":"","ready":true,"started":true,"restartCount":{0},)"
             R"("state":{{"running":{{"startedAt":"{1:%FT%TZ}"}}}},"lastState":{{"terminated":)"
             R"({{"exitCode":137,"reason":"Error","startedAt":"{1:%FT%TZ}","finishedAt":"{1:%FT%TZ}"}}}}}}]}}}})",
             restarts, fmt::gmtime(std::time(nullptr)))});
  }

  /// Another scaler begins where there is nothing to go on from.
  static void Restart(int round) {
    OurScaler().Kill();
    Plane().Must({"delete", "lease,configmap", "-n", "trimtab", "--all"});
    OurScaler().Start();
    SetDemand(round);
  }

  /// One ends, and leaves what it knows; the next goes on from there.
  static void HandOver(int round) {
    SetDemand(round);
    static_cast<void>(OurScaler().Stop());
    OurScaler().Start();
  }

  static void RestartAgent(int /*round*/) {
    Agent().Kill();
    Agent().Start();
  }

  using Deed = void (*)(int round);

  /// What has the right used.
  [[nodiscard]] static Deed DeedFor(const Grant& grant) {
    const auto is = [&](const std::string& verb, const std::string& resource) {
      return grant.verb == verb && grant.resource.starts_with(resource);
    };
    if (grant.Account() == "trimtab-agent") {
      return is("list", "events") ? End : RestartAgent;
    }
    if (grant.resource.ends_with("/scale")) {
      return grant.verb == "get" ? Storm : SetDemand;
    }
    if (grant.resource.ends_with("/status")) {
      return Edit;
    }
    if (is("create", "pods/eviction")) {
      return Victim;
    }
    if (is("patch", "nodes")) {
      return Notice;
    }
    if (is("patch", "leases") || is("patch", "events")) {
      return SetDemand;
    }
    if (is("create", "configmaps") || is("update", "configmaps")) {
      return HandOver;
    }
    if (grant.resource == "deployments" && grant.verb != "list" && grant.verb != "watch") {
      return Spare;
    }
    return Restart;
  }

  /// When it is taken away: what waits for time first, and what leaves nothing behind last. A count
  /// of events is written half a minute after its first, and a write that was refused is not
  /// repeated at once.
  [[nodiscard]] static int Turn(const Grant& grant) {
    const auto deed = DeedFor(grant);
    if (deed == Edit || deed == Notice || deed == Victim || deed == Spare) {
      return 0;
    }
    if (grant.resource == "events" && grant.verb == "patch") {
      return 1;
    }
    return deed == SetDemand ? 2 : deed == Storm ? 3 : 4;
  }

  [[nodiscard]] static std::vector<std::vector<Grant>> InTurn() {
    auto roles = ReadRoles();
    std::stable_sort(roles.begin(), roles.end(), [](const auto& left, const auto& right) {
      return Turn(left.front()) < Turn(right.front());
    });
    return roles;
  }

  static void Collect() {
    for (auto& request : audit_->Next()) {
      if (request.code / 100 == 2) {
        granted_.push_back(request);
      }
      asked_.push_back(std::move(request));
    }
  }

  /// Does it every three seconds until `holds` does with what was asked since; false if it never
  /// comes to.
  [[nodiscard]] static bool DoUntil(Deed deed,
                                    const std::function<bool(const std::vector<Request>&)>& holds) {
    constexpr int kRounds = 15;
    for (int i = 0; i < kRounds; ++i) {
      static int round = 0;
      deed(++round);
      const auto until = steady_clock::now() + seconds(3);
      do {
        Collect();
        if (holds(asked_)) {
          return true;
        }
        std::this_thread::sleep_for(milliseconds(50));
      } while (steady_clock::now() < until);
    }
    return false;
  }

  [[nodiscard]] static bool IsUsed(const Grant& grant, const std::vector<Request>& asked,
                                   bool refused) {
    return std::any_of(asked.begin(), asked.end(), [&](const Request& request) {
      return grant.Covers(request) &&
             (refused ? request.code == kForbidden : request.code / 100 == 2);
    });
  }

  [[nodiscard]] static std::string LogOf(const Grant& grant) {
    return grant.Account() == "trimtab-agent" ? Agent().Log() : OurScaler().Log();
  }

  [[nodiscard]] static NodeAgent& Agent() { return *agent_; }

  static std::vector<Request> asked_;    ///< Since it was last emptied.
  static std::vector<Request> granted_;  ///< All of them.

 private:
  static std::unique_ptr<NodeAgent> agent_;
  static std::unique_ptr<AuditReader> audit_;
};

std::vector<Request> Rights::asked_;
std::vector<Request> Rights::granted_;
std::unique_ptr<NodeAgent> Rights::agent_;
std::unique_ptr<AuditReader> Rights::audit_;

TEST_F(Rights, AreMissedOneByOne) {
  std::vector<Grant> before;  // What was given back a moment ago may still be refused.
  for (const auto& grants : InTurn()) {
    const auto& first = grants.front();
    const auto began = steady_clock::now();
    asked_.clear();
    const auto said = LogOf(first).size();
    SetVerb(first, "none");

    for (const auto& grant : grants) {
      SCOPED_TRACE(fmt::format("{} may not {} {}", grant.role, grant.verb, grant.resource));
      EXPECT_TRUE(
          DoUntil(DeedFor(grant), [&](const auto& asked) { return IsUsed(grant, asked, true); }));
      EXPECT_TRUE(Eventually(
          [&] { return LogOf(grant).find(grant.Complaint(), said) != std::string::npos; },
          seconds(5)));
      EXPECT_TRUE(OurScaler().IsRunning());
    }

    for (const auto& request : asked_) {
      EXPECT_TRUE(request.code != kForbidden || AnyCovers(grants, request) ||
                  AnyCovers(before, request))
          << request.verb << " " << request.resource << " is refused besides";
    }
    before = grants;
    SetVerb(first, first.verb);
    if (first.resource.ends_with("/scale")) {
      Restart(0);  // Or it waits before it tries again.
    }
    std::printf("%5.1f s without %s %s\n",
                std::chrono::duration<double>(steady_clock::now() - began).count(),
                first.verb.c_str(), first.resource.c_str());
    std::fflush(stdout);
  }
}

TEST_F(Rights, AreEnoughAndNoneIsGrantedInVain) {
  Restart(0);
  RestartAgent(0);
  Collect();
  asked_.clear();
  std::set<Deed> done;
  for (const auto& grants : ReadRoles()) {
    for (const auto& grant : grants) {
      const auto deed = DeedFor(grant);
      if (done.insert(deed).second || !IsUsed(grant, granted_, false)) {
        EXPECT_TRUE(DoUntil(deed, [&](const auto&) { return IsUsed(grant, granted_, false); }))
            << grant.role << " grants " << grant.verb << " " << grant.resource << " in vain";
      }
    }
  }
  for (const auto& request : asked_) {
    EXPECT_NE(request.code, kForbidden)
        << request.account << " lacks " << request.verb << " " << request.resource;
  }
}

}  // namespace
}  // namespace cluster

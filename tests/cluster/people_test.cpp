// Who may ask a cluster's scaler: trimtabctl with accounts that have the manifests' roles or none,
// through the API server's proxy to a real scaler.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/install.h"

namespace cluster {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kPod = "trimtab-scaler-people";

/// An address of this machine that an API server's proxy goes to: not loopback. Empty: none.
std::string HostAddress() {
  std::string found;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) {
    return found;
  }
  for (const auto* each = all; each != nullptr; each = each->ifa_next) {
    if (found.empty() && each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET &&
        (each->ifa_flags & IFF_LOOPBACK) == 0 && (each->ifa_flags & IFF_UP) != 0) {
      char text[INET_ADDRSTRLEN] = {};
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr, text,
                  sizeof(text));
      found = text;
    }
  }
  ::freeifaddrs(all);
  return found;
}

class People : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (HostAddress().empty()) {
      return;
    }
    Install();
    auto& plane = Plane();
    plane.Must({"create", "namespace", "people"});
    for (const std::string who : {"nobody", "asker", "actor"}) {
      plane.Must({"create", "serviceaccount", who, "-n", "people"});
      plane.WriteAccount("people", who, Kubeconfig(who));
    }
    Bind("asker", "trimtab-ask");
    Bind("actor", "trimtab-ask");
    Bind("actor", "trimtab-act");
    plane.Must({"apply", "-n", "people", "-f", "-"},
               Deployment("web", 1) +
                   "---\napiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\n"
                   "metadata: {name: web}\nspec: {target: {name: web}, replicas: {min: 1, max: 2}, "
                   "signals: {inFlight: {perReplica: 10}}}\n");
    StartScaler();
  }

  static void TearDownTestSuite() { Plane().Children().Kill("people"); }

  void SetUp() override {
    if (HostAddress().empty()) {
      GTEST_SKIP() << "this machine has no address beyond loopback";
    }
  }

  static std::filesystem::path Kubeconfig(const std::string& who) {
    return Plane().Directory() / (who + ".kubeconfig");
  }

  static void Bind(const std::string& who, const std::string& role) {
    Plane().Must({"create", "rolebinding", who + "-" + role, "-n", "trimtab", "--role=" + role,
                  "--serviceaccount=people:" + who});
  }

  /// A file with what the Secret has under the key.
  static std::string Secret(const std::string& name, const std::string& key) {
    const auto path = Plane().Directory() / ("people-" + key);
    std::ofstream(path) << Plane().Must(
        {"get", "secret", name, "-n", "trimtab", "-o",
         fmt::format("go-template={{{{index .data \"{}\" | base64decode}}}}", key)});
    namespace fs = std::filesystem;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path.string();
  }

  /// KWOK plays the pod of its name, which says that it is where the scaler really is.
  static void StartScaler() {
    auto& plane = Plane();
    plane.Must({"apply", "-n", "trimtab", "-f", "-"},
               fmt::format("{{apiVersion: v1, kind: Pod, metadata: {{name: {}}}, spec: "
                           "{{containers: [{{name: scaler, image: trimtab}}]}}}}",
                           kPod));
    plane.Must({"wait", "--for=condition=Ready", "-n", "trimtab", "--timeout=60s",
                std::string("pod/") + kPod});
    plane.Must({"patch", std::string("pod/") + kPod, "-n", "trimtab", "--subresource=status",
                "--type=merge", "-p",
                fmt::format(R"({{"status":{{"podIP":"{0}","podIPs":[{{"ip":"{0}"}}]}}}})",
                            HostAddress())});
    const auto home = plane.Directory() / "people";
    std::filesystem::create_directories(home / "state");
    plane.WriteAccount("trimtab", "trimtab-scaler", home / "kubeconfig");
    std::ofstream(home / "config.yaml") << fmt::format(
        "kubernetes: {{kubeconfig: {}, namespace: trimtab}}\n", (home / "kubeconfig").string());
    const auto started = plane.Children().Start(
        "people",
        {"env", std::string("POD_NAME=") + kPod, "POD_UID=1", BINARY_DIR "/trimtab-scaler",
         "--config", (home / "config.yaml").string(), "--state", (home / "state").string(),
         "--listen", HostAddress() + ":9106", "--tls-cert", Secret("trimtab-tls", "tls.crt"),
         "--tls-key", Secret("trimtab-tls", "tls.key"), "--token-file",
         Secret("trimtab-tokens", "token")},
        home / "log");
    if (!started) {
      throw std::runtime_error(started.error().what);
    }
    // Until it leads and has decided.
    if (!Eventually([] { return Ctl("asker", {"explain", "people/web"}).Ok(); })) {
      throw std::runtime_error("trimtabctl: " + Ctl("asker", {"explain", "people/web"}).err);
    }
  }

  static Outcome Ctl(const std::string& who, std::vector<std::string> words) {
    words.insert(words.begin(), BINARY_DIR "/trimtabctl");
    words.insert(words.end(), {"--kubeconfig", Kubeconfig(who).string()});
    return RunToEnd(words, "", Plane().Directory());
  }
};

TEST_F(People, AskWithTheRoleForIt) {
  const auto status = Ctl("asker", {"status"});
  const auto explained = Ctl("asker", {"explain", "people/web"});

  EXPECT_TRUE(status.Ok()) << status.err;
  EXPECT_THAT(status.out, HasSubstr("web"));
  EXPECT_TRUE(explained.Ok()) << explained.err;
}

TEST_F(People, AreToldOnceWhatTheyLackWithoutIt) {
  const auto status = Ctl("nobody", {"status"});

  EXPECT_NE(status.code, 0);
  EXPECT_EQ(status.out, "");
  EXPECT_THAT(status.err, AllOf(HasSubstr("people:nobody"), HasSubstr("cannot get resource"),
                                HasSubstr("Role trimtab-ask in trimtab")));
  EXPECT_EQ(status.err.find("forbidden"), status.err.rfind("forbidden")) << status.err;
}

TEST_F(People, ChangeSomethingOnlyWithTheOtherRole) {
  const auto refused = Ctl("asker", {"freeze", "--reason", "test"});
  const auto frozen = Ctl("actor", {"freeze", "--reason", "test"});
  const auto thawed = Ctl("actor", {"unfreeze"});

  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("cannot create resource"), HasSubstr("trimtab-act")));
  EXPECT_TRUE(frozen.Ok()) << frozen.err;
  EXPECT_TRUE(thawed.Ok()) << thawed.err;
}

TEST_F(People, NeedTheScalersTokenToo) {
  const auto file = Plane().Directory() / "wrong-token";
  std::ofstream(file) << "not-the-token-of-this-scaler\n";
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  const auto status = Ctl("asker", {"status", "--token-file", file.string()});

  EXPECT_NE(status.code, 0);
  EXPECT_THAT(status.err, HasSubstr("--token-file"));
}

}  // namespace
}  // namespace cluster

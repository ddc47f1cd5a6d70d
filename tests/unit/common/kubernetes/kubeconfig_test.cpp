#include "common/kubernetes/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/kubernetes/exec_plugin.h"
#include "common/kubernetes/token_source.h"
#include "common/tls/file.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace common::kubernetes {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KubeconfigTest : public testing::Test {
 protected:
  fs::path Write(const std::string& name, const std::string& text) {
    const auto path = directory_.Path() / name;
    std::ofstream(path) << text;
    return path;
  }
  std::string Problem(const std::string& text, const std::string& context = {}) {
    const auto access = ReadKubeconfig({Write("config", text)}, context);
    return access ? "" : access.error().what;
  }

  tests::ScratchDirectory directory_;
};

constexpr const char* kWhole = R"(apiVersion: v1
kind: Config
preferences: {}
current-context: prod
clusters:
- name: c1
  cluster: {server: "https://[fd00::1]:6443/k8s/", certificate-authority: ca.crt, tls-server-name: api.example.test}
- name: c2
  cluster: {server: "https://api.example.test", insecure-skip-tls-verify: true}
users:
- name: u1
  user: {token: abcdef, tokenFile: ignored}
- name: u2
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/plugin
      args: [--for, me]
      env: [{name: A, value: b}]
      interactiveMode: IfAvailable
contexts:
- name: prod
  context: {cluster: c1, user: u1, namespace: shops}
- name: test
  context: {cluster: c2, user: u2}
)";

TEST_F(KubeconfigTest, ReadsTheCurrentContext) {
  const auto path = Write("config", kWhole);
  const auto access = ReadKubeconfig({path}, "");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->server.host, "fd00::1");
  EXPECT_EQ(access->server.port, "6443");
  EXPECT_EQ(access->path_prefix, "/k8s");
  EXPECT_EQ(access->tls.ca, (directory_.Path() / "ca.crt").string());
  EXPECT_EQ(access->tls.server_name, "api.example.test");
  EXPECT_EQ(access->token, "abcdef");
  EXPECT_EQ(access->token_file, "");
  EXPECT_EQ(access->name_space, "shops");
  EXPECT_EQ(access->source, "context prod of " + path.string());
}

TEST_F(KubeconfigTest, ReadsAnotherContextWithAPlugin) {
  const auto access = ReadKubeconfig({Write("config", kWhole)}, "test");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->server.port, "443");
  EXPECT_TRUE(access->tls.insecure);
  EXPECT_EQ(access->name_space, "default");
  ASSERT_TRUE(access->exec);
  EXPECT_EQ(access->exec->command, (directory_.Path() / "bin/plugin").string());
  EXPECT_EQ(access->exec->arguments, (std::vector<std::string>{"--for", "me"}));
  EXPECT_EQ(access->exec->env.at("A"), "b");
}

TEST_F(KubeconfigTest, OfSeveralFilesTheFirstWordCounts) {
  const auto first = Write("first", "current-context: test\nusers: null\n");
  const auto access =
      ReadKubeconfig({first, directory_.Path() / "none", Write("config", kWhole)}, "");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_TRUE(access->tls.insecure);
}

TEST_F(KubeconfigTest, DataBecomeFilesThatAreOnNoDisk) {
  const auto access = ReadKubeconfig({Write("config", R"(current-context: x
clusters: [{name: c, cluster: {server: "https://a:1", certificate-authority-data: aGVsbG8=}}]
users: [{name: u, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
)")},
                                     "");
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(tls::ReadFile(access->tls.ca)->content, "hello");
  EXPECT_EQ(tls::ReadFile(access->tls.certificate)->content, "cert");
  EXPECT_EQ(tls::ReadFile(access->tls.key)->content, "key");
}

TEST_F(KubeconfigTest, SaysWhatIsMissingAndWhatThereIs) {
  EXPECT_THAT(Problem(kWhole, "stage"),
              HasSubstr("there is no context 'stage'; there are: prod, test"));
  EXPECT_THAT(Problem("contexts: [{name: x, context: {cluster: c, user: u}}]"),
              HasSubstr("no context is current; choose one of: x"));
  EXPECT_THAT(Problem("current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]"),
              HasSubstr("there is no cluster 'c'; there are: none"));
  const auto missing = ReadKubeconfig({directory_.Path() / "none"}, "");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, HasSubstr("there is no " + directory_.Path().string()));
  EXPECT_THAT(ReadKubeconfig({}, "").error().what, HasSubstr("neither KUBECONFIG nor HOME is set"));
}

TEST_F(KubeconfigTest, WhatItCannotDoItRefusesWithThePlace) {
  EXPECT_THAT(Problem(R"(users:
- name: u
  user:
    auth-provider: {name: gcp}
)"),
              HasSubstr("config:4:5: users[0].user.auth-provider: was removed from Kubernetes"));
  EXPECT_THAT(Problem(R"(clusters:
- name: c
  cluster: {server: "https://a", proxy-url: "http://p:3128"}
)"),
              HasSubstr("proxies are not supported"));
  EXPECT_THAT(Problem(R"(clusters:
- name: c
  cluster: {server: "https://a", certificate-authority-data: "?"}
)"),
              HasSubstr("is not base64"));
}

TEST_F(KubeconfigTest, FilesAreThoseThatKubectlReads) {
  EXPECT_EQ(KubeconfigFiles("", "/root"), std::vector<fs::path>{"/root/.kube/config"});
  EXPECT_EQ(KubeconfigFiles("/a::/b", "/root"), (std::vector<fs::path>{"/a", "/b"}));
  EXPECT_TRUE(KubeconfigFiles("", "").empty());
}

TEST_F(KubeconfigTest, APodFindsItsServer) {
  Write("token", "abc");
  Write("namespace", "trimtab");
  const auto access = InClusterAccess("fd00::1", "443", directory_.Path());
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->server.host, "fd00::1");
  EXPECT_EQ(access->name_space, "trimtab");
  EXPECT_EQ(access->token_file, (directory_.Path() / "token").string());
  EXPECT_THAT(InClusterAccess("", "", directory_.Path()).error().what,
              HasSubstr("not in a cluster"));
}

TEST_F(KubeconfigTest, ATokenFileIsReadAgainWhenItChanges) {
  Access access;
  access.token_file = Write("token", "first\n").string();
  tests::SimulatedExecutor executor{WallTime(std::chrono::hours(24))};
  const auto tokens = MakeTokenSource(executor, access);
  Result<std::string> seen = "";
  const auto ask = [&] { tokens->Get("", [&](Result<std::string> token) { seen = token; }); };
  ask();
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(*seen, "first");
  fs::rename(Write("token.new", "second, longer"), access.token_file);
  ask();
  EXPECT_THAT(seen.error().what, HasSubstr("holds no token"));
  fs::rename(Write("token.new", "third"), access.token_file);
  ask();
  EXPECT_EQ(*seen, "third");
}

TEST(ExecPluginTest, ReadsWhatAPluginPrints) {
  const std::string version = "client.authentication.k8s.io/v1";
  const auto credential = ParseExecCredential(
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
          "status":{"token":"abc","expirationTimestamp":"1970-01-02T00:00:01Z"}})",
      version);
  ASSERT_TRUE(credential) << credential.error().what;
  EXPECT_EQ(credential->token, "abc");
  EXPECT_EQ(credential->expires, WallTime(std::chrono::seconds(86401)));
  for (const auto* const text :
       {"", "{}", R"({"kind":"ExecCredential","apiVersion":"v9"})",
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}})",
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
            "status":{"token":"secret","expirationTimestamp":"tomorrow"}})"}) {
    const auto refused = ParseExecCredential(text, version);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().what, testing::Not(HasSubstr("secret")));
  }
}

TEST(ExecPluginTest, RunsIt) {
  ExecPlugin plugin;
  plugin.api_version = "client.authentication.k8s.io/v1";
  plugin.command = "/bin/sh";
  plugin.arguments = {
      "-c",
      R"(case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 3;; esac
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$MINE")"};
  plugin.env = {{"MINE", "t0ken"}};
  const auto credential = RunExecPlugin(plugin);
  ASSERT_TRUE(credential) << credential.error().what;
  EXPECT_EQ(credential->token, "t0ken");
}

TEST(ExecPluginTest, SaysWhyItCannot) {
  ExecPlugin plugin;
  plugin.command = "no-such-plugin-of-ours";
  plugin.install_hint = "install it from the shop";
  EXPECT_THAT(RunExecPlugin(plugin).error().what,
              testing::AllOf(HasSubstr("credential plugin no-such-plugin-of-ours"),
                             HasSubstr("install it from the shop")));
  plugin.command = "/bin/sh";
  plugin.arguments = {"-c", "echo who are you >&2; exit 1"};
  EXPECT_THAT(RunExecPlugin(plugin).error().what, HasSubstr("failed: who are you"));
}

}  // namespace
}  // namespace common::kubernetes

#include "tests/cluster/support/control_plane.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/cluster/support/nodes.h"
#include "tests/demo/stage/ports.h"

namespace cluster {
namespace {

namespace fs = std::filesystem;

const fs::path kBuilt = SOURCE_DIR "/build/cluster";

/// The order in which they are started; each needs those before it.
constexpr std::array kParts = {"etcd", "kube-apiserver", "kube-controller-manager",
                               "kube-scheduler", "kwok"};

std::unique_ptr<ControlPlane>& Shared() {
  static std::unique_ptr<ControlPlane> plane;
  return plane;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

bool IsBuilt() { return fs::exists(kBuilt / "bin/external-metrics"); }

bool Eventually(const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

ControlPlane::ControlPlane(const PlaneOptions& options)
    : options_(options),
      janitor_(scratch_.Path()),
      next_port_(demo::Ports::From(range_.Base()).first_replica),
      api_port_(NewPort()),
      etcd_port_(NewPort()),
      etcd_peer_port_(NewPort()),
      controller_manager_port_(NewPort()),
      scheduler_port_(NewPort()),
      kwok_port_(NewPort()) {
  const auto made =
      RunToEnd({SOURCE_DIR "/tests/cluster/pki.sh", Pki().string(), std::to_string(api_port_)}, "",
               Directory());
  if (!made.Ok()) {
    throw std::runtime_error("tests/cluster/pki.sh: " + made.err);
  }
  for (const std::string part : kParts) {
    if (part == "kwok") {
      Settle();
    }
    Start(part);
  }
}

ControlPlane::~ControlPlane() {
  // KWOK and the controllers first, or their farewells wait for a server that is gone.
  for (auto part = kParts.rbegin(); part != kParts.rend(); ++part) {
    children_.Kill(*part);
  }
}

/// Passes over what a program that was left behind, or somebody else's, still has.
std::uint16_t ControlPlane::NewPort() {
  while (demo::IsTaken(next_port_, demo::Transport::kTcp) ||
         demo::IsTaken(next_port_, demo::Transport::kUdp)) {
    ++next_port_;
  }
  return next_port_++;
}

std::vector<std::string> ControlPlane::Command(const std::string& part) const {
  const auto bin = [](const std::string& name) { return (kBuilt / "bin" / name).string(); };
  const auto pki = [this](const std::string& name) { return (Pki() / name).string(); };
  if (part == "etcd") {
    const auto client = fmt::format("http://127.0.0.1:{}", etcd_port_);
    const auto peer = fmt::format("http://127.0.0.1:{}", etcd_peer_port_);
    return {"etcd",
            "--name=test",
            "--data-dir=" + (Directory() / "etcd").string(),
            "--unsafe-no-fsync",
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=test=" + peer};
  }
  if (part == "kube-apiserver") {
    return ApiServer();
  }
  if (part == "kube-controller-manager") {
    return ControllerManager();
  }
  if (part == "kube-scheduler") {
    const auto self = pki("kube-scheduler.kubeconfig");
    return {bin("kube-scheduler"),
            "--kubeconfig=" + self,
            "--authentication-kubeconfig=" + self,
            "--authorization-kubeconfig=" + self,
            "--bind-address=127.0.0.1",
            fmt::format("--secure-port={}", scheduler_port_),
            "--leader-elect=false"};
  }
  return {bin("kwok"),
          "--kubeconfig=" + pki("kwok.kubeconfig"),
          "--manage-all-nodes=true",
          "--cidr=10.0.0.0/16",
          "--node-ip=127.0.0.1",
          fmt::format("--node-port={}", kwok_port_),
          fmt::format("--server-address=127.0.0.1:{}", kwok_port_),
          "--tls-cert-file=" + pki("node.crt"),
          "--tls-private-key-file=" + pki("node.key"),
          fmt::format("--node-lease-duration-seconds={}", options_.many_objects ? 600 : 40),
          "--enable-crds=Stage"};
}

std::vector<std::string> ControlPlane::ApiServer() const {
  const auto pki = [this](const std::string& name) { return (Pki() / name).string(); };
  return {
      (kBuilt / "bin/kube-apiserver").string(),
      fmt::format("--etcd-servers=http://127.0.0.1:{}", etcd_port_), "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1", fmt::format("--secure-port={}", api_port_),
      // Nobody reaches it through a Service, and loopback is no address for an endpoint.
      "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16",
      "--authorization-mode=Node,RBAC", "--client-ca-file=" + pki("cluster.crt"),
      // Lists by watches need an etcd of 3.4.25 or newer. With an older one KWOK asks for them
      // again and again, later each time, and sees pods only half a minute after they were made.
      "--feature-gates=WatchList=false", "--tls-cert-file=" + pki("apiserver.crt"),
      "--tls-private-key-file=" + pki("apiserver.key"),
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-account-key-file=" + pki("accounts.pub"),
      "--service-account-signing-key-file=" + pki("accounts.key"), "--allow-privileged=true",
      "--profiling=false", "--requestheader-client-ca-file=" + pki("front-proxy.crt"),
      "--requestheader-allowed-names=front-proxy",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      "--proxy-client-cert-file=" + pki("proxy.crt"), "--proxy-client-key-file=" + pki("proxy.key"),
      "--kubelet-certificate-authority=" + pki("cluster.crt"),
      "--audit-policy-file=" SOURCE_DIR "/tests/cluster/audit-policy.yaml",
      "--audit-log-path=" + AuditLog().string(),
      // One file: nothing may be rotated away before it was looked at.
      "--audit-log-maxsize=1000",
      fmt::format("--max-mutating-requests-inflight={}", options_.many_objects ? 1000 : 200)};
}

std::vector<std::string> ControlPlane::ControllerManager() const {
  const auto pki = [this](const std::string& name) { return (Pki() / name).string(); };
  const auto self = pki("kube-controller-manager.kubeconfig");
  return {
      (kBuilt / "bin/kube-controller-manager").string(), "--kubeconfig=" + self,
      fmt::format("--kube-api-qps={}", options_.many_objects ? 1000 : 20),
      fmt::format("--kube-api-burst={}", options_.many_objects ? 2000 : 30),
      "--authentication-kubeconfig=" + self, "--authorization-kubeconfig=" + self,
      "--bind-address=127.0.0.1", fmt::format("--secure-port={}", controller_manager_port_),
      "--leader-elect=false", "--use-service-account-credentials=true",
      "--service-account-private-key-file=" + pki("accounts.key"),
      "--root-ca-file=" + pki("cluster.crt"), "--cluster-signing-cert-file=" + pki("cluster.crt"),
      "--cluster-signing-key-file=" + pki("cluster.key"), "--service-cluster-ip-range=10.96.0.0/16",
      // A test machine that stands still for a minute must not lose its nodes.
      "--node-monitor-grace-period=600s"};
}

bool ControlPlane::Serves(const std::string& part) const {
  const auto answers = [this](std::vector<std::string> request) {
    request.insert(request.begin(), {"curl", "--silent", "--fail", "--max-time", "5"});
    return RunToEnd(request, "", Directory()).Ok();
  };
  if (part == "etcd") {
    return answers({fmt::format("http://127.0.0.1:{}/health", etcd_port_)});
  }
  if (part == "kube-apiserver") {
    return answers({"--cacert", (Pki() / "cluster.crt").string(), "--cert",
                    (Pki() / "admin.crt").string(), "--key", (Pki() / "admin.key").string(),
                    fmt::format("https://127.0.0.1:{}/readyz", api_port_)});
  }
  return true;
}

std::string ControlPlane::LastWords(const std::string& part) const {
  constexpr std::size_t kMost = 2000;
  const auto text = ReadAll(Directory() / (part + ".log"));
  return text.size() > kMost ? text.substr(text.size() - kMost) : text;
}

void ControlPlane::Start(const std::string& part) {
  if (auto started = children_.Start(part, Command(part), Directory() / (part + ".log"));
      !started) {
    throw std::runtime_error(started.error().what);
  }
  const bool serves = Eventually(
      [&] {
        children_.Reap();
        return children_.Ending(part).has_value() || Serves(part);
      },
      std::chrono::seconds(180));
  if (const auto ending = children_.Ending(part); ending || !serves) {
    throw std::runtime_error(fmt::format("{} {}:\n{}", part,
                                         ending ? "ended by itself, " + *ending : "does not serve",
                                         LastWords(part)));
  }
}

void ControlPlane::Kill(const std::string& part) { children_.Kill(part); }

void ControlPlane::Settle() const {
  // What the stages are must be known before there can be any.
  Must({"apply", "-f", (kBuilt / "manifests/crd.yaml").string()});
  AwaitKind("stages.kwok.x-k8s.io");
  // kubectl does not look into a directory that is a link.
  const auto stages = fs::canonical(kBuilt / "manifests").string();
  Outcome applied;
  if (!Eventually([&] {
        applied = Kubectl({"apply", "-f", stages});
        return applied.Ok();
      })) {
    throw std::runtime_error("KWOK's stages are not accepted: " + applied.err);
  }
  Must({"create", "-f", "-"}, Nodes(options_.nodes));
}

Outcome ControlPlane::Kubectl(const std::vector<std::string>& arguments,
                              const std::string& input) const {
  std::vector<std::string> command = {(kBuilt / "bin/kubectl").string(),
                                      "--kubeconfig=" + (Pki() / "admin.kubeconfig").string(),
                                      "--cache-dir=" + (Directory() / "kubectl").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunToEnd(command, input, Directory());
}

std::string ControlPlane::Must(const std::vector<std::string>& arguments,
                               const std::string& input) const {
  auto outcome = Kubectl(arguments, input);
  if (!outcome.Ok()) {
    throw std::runtime_error(fmt::format("kubectl {}: {}", fmt::join(arguments, " "), outcome.err));
  }
  return std::move(outcome.out);
}

void ControlPlane::AwaitKind(const std::string& definition) const {
  // `kubectl wait` fails on a definition that has no conditions yet, and does not wait for them.
  Outcome outcome;
  if (!Eventually([&] {
        outcome = Kubectl({"wait", "--for=condition=Established", "crd/" + definition});
        return outcome.Ok();
      })) {
    throw std::runtime_error(definition + " is not established: " + outcome.err);
  }
}

void ControlPlane::WriteAccount(const std::string& name_space, const std::string& account,
                                const fs::path& path, std::uint16_t port) const {
  const auto token = Must({"create", "token", account, "-n", name_space, "--duration=2h"});
  // By another name first: who reads it meanwhile finds the old one or the new one.
  const auto token_file = path.string() + ".token";
  std::ofstream(token_file + ".new") << token;
  fs::rename(token_file + ".new", token_file);
  std::ofstream(path) << fmt::format(
      R"(apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "https://127.0.0.1:{}", certificate-authority: {}}}}}]
users: [{{name: account, user: {{tokenFile: {}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: account, namespace: {}}}}}]
current-context: test
)",
      port == 0 ? api_port_ : port, (Pki() / "cluster.crt").string(), token_file, name_space);
}

void ControlPlane::Compact() const {
  // Of an empty list: the revision of now.
  const auto now = Must({"get", "--raw", "/api/v1/namespaces/default/configmaps?limit=1"});
  const std::string key = R"("resourceVersion":")";
  const auto from = now.find(key) + key.size();
  const auto revision = now.substr(from, now.find('"', from) - from);
  const auto done = RunToEnd({"curl", "--silent", "--fail", "--max-time", "10", "--data",
                              fmt::format(R"({{"revision":"{}","physical":true}})", revision),
                              fmt::format("http://127.0.0.1:{}/v3/kv/compaction", etcd_port_)},
                             "", Directory());
  if (!done.Ok()) {
    throw std::runtime_error("etcd does not compact: " + done.out + done.err);
  }
}

ControlPlane& Plane(const PlaneOptions& options) {
  if (!Shared()) {
    Shared() = std::make_unique<ControlPlane>(options);
  }
  return *Shared();
}

void EndPlane() { Shared().reset(); }

}  // namespace cluster

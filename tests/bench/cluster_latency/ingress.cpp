#include "tests/bench/cluster_latency/ingress.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "common/http/client.h"
#include "tests/demo/stage/ports.h"
#include "tests/demo/stage/template.h"

namespace cluster::latency {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Ingress::Ingress(ControlPlane& plane, const std::vector<Shop>& shops)
    : plane_(plane),
      directory_(plane.Directory() / "ingress"),
      port_(plane.NewPort()),
      log_port_(plane.NewPort()),
      service_port_(plane.NewPort()),
      agent_port_(plane.NewPort()) {
  std::filesystem::create_directories(directory_ / "agent");
  WriteConfiguration(shops);
  plane_.WriteAccount("trimtab", "trimtab-agent", directory_ / "kubeconfig");
  Start("trimtab-log-writer", {BINARY_DIR "/trimtab-log-writer", "--listen",
                               "udp:" + demo::Loopback(log_port_), "--output", File("access.log")});
  if (!Eventually([&] { return demo::IsTaken(log_port_, demo::Transport::kUdp); })) {
    throw std::runtime_error("trimtab-log-writer does not listen");
  }
  Start("demo-shop",
        {BINARY_DIR "/demo-shop", "--listen", demo::Loopback(service_port_), "--rounds", "1"});
  Start("haproxy", {"haproxy", "-db", "-f", File("haproxy.cfg")});
  AwaitAnswer(demo::Loopback(port_), "/", 404);
  Start("trimtab-agent", {BINARY_DIR "/trimtab-agent", "--config", File("agent.yaml"), "--listen",
                          demo::Loopback(agent_port_), "--root", "/", "--state", File("agent")});
  AwaitAnswer(demo::Loopback(agent_port_), "/readyz", 200);
}

std::string Ingress::AgentAddress() const { return demo::Loopback(agent_port_); }

std::string Ingress::File(const std::string& name) const { return (directory_ / name).string(); }

void Ingress::WriteConfiguration(const std::vector<Shop>& shops) const {
  std::string backends;
  std::string tenants;
  std::ofstream hosts(File("hosts.map"));
  for (const auto& shop : shops) {
    hosts << shop.host << ' ' << shop.name << '\n';
    backends += fmt::format("\nbackend {}\n", shop.name);
    if (!shop.asleep) {
      backends += fmt::format("  server service 127.0.0.1:{}\n", service_port_);
    }
    tenants += fmt::format("  {0}: {{hosts: [{1}], backend: {0}}}\n", shop.name, shop.host);
  }
  const auto filled = demo::FillTemplate(ReadAll(SOURCE_DIR "/deploy/local/haproxy.cfg"),
                                         {{"RUN", directory_.string()},
                                          {"SOURCE", SOURCE_DIR},
                                          {"HAPROXY_PORT", std::to_string(port_)},
                                          {"LOG_PORT", std::to_string(log_port_)},
                                          {"SHOPS", backends}});
  if (!filled) {
    throw std::runtime_error("deploy/local/haproxy.cfg: " + filled.error().what);
  }
  std::ofstream(File("haproxy.cfg")) << *filled;
  std::ofstream(File("agent.yaml")) << fmt::format(
      R"(kubernetes: {{nodeName: on-demand-0, kubeconfig: {}}}
sources:
  accessLog: {{path: {}}}
  haproxy: {{socket: {}}}
tenants:
{})",
      File("kubeconfig"), File("access.log"), File("haproxy.sock"), tenants);
}

void Ingress::Start(const std::string& name, const std::vector<std::string>& command) const {
  const auto started = plane_.Children().Start(name, command, directory_ / (name + ".log"));
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
}

void Ingress::AwaitAnswer(const std::string& address, const std::string& target, int status) const {
  const auto answers = [&] {
    const auto answer = common::http::Get(address, target, std::chrono::seconds(1));
    return answer && answer->status == status;
  };
  if (!Eventually(answers)) {
    std::string words;
    for (const auto* const name : {"haproxy.log", "trimtab-agent.log"}) {
      words += ReadAll(directory_ / name);
    }
    throw std::runtime_error(address + target + " does not answer:\n" + words);
  }
}

}  // namespace cluster::latency

#include "tests/cluster/support/node_agent.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace cluster {

using exporters::HttpRequest;
using exporters::HttpResponse;

NodeAgent::NodeAgent(ControlPlane& plane, std::string node)
    : plane_(plane),
      node_(std::move(node)),
      name_("agent-" + node_),
      directory_(plane.Directory() / name_),
      port_(plane.NewPort()) {
  exporters::Routes routes;
  routes.handlers.push_back(
      {"/latest/", [this](const HttpRequest& request) { return Tell(request); }, {"GET", "PUT"}});
  auto started = exporters::Server::Start({"127.0.0.1", 0}, std::move(routes));
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
  metadata_ = std::move(*started);
  std::filesystem::create_directories(directory_ / "state");
  plane_.WriteAccount("trimtab", "trimtab-agent", directory_ / "kubeconfig");
  std::ofstream(directory_ / "config.yaml") << fmt::format(
      R"(node:
  metadata: {{provider: aws, address: "http://127.0.0.1:{}", interval: 200ms}}
kubernetes: {{nodeName: {}, kubeconfig: {}}}
)",
      metadata_->Port(), node_, (directory_ / "kubeconfig").string());
  Start();
}

NodeAgent::~NodeAgent() { Kill(); }

std::string NodeAgent::Address() const { return fmt::format("127.0.0.1:{}", port_); }

void NodeAgent::SayItGoesIn(std::chrono::seconds time) {
  const auto at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + time);
  const std::lock_guard lock(mutex_);
  action_ =
      fmt::format(R"({{"action":"terminate","time":"{:%Y-%m-%dT%H:%M:%SZ}"}})", fmt::gmtime(at));
}

void NodeAgent::SayItShouldGo() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::lock_guard lock(mutex_);
  rebalance_ = fmt::format(R"({{"noticeTime":"{:%Y-%m-%dT%H:%M:%SZ}"}})", fmt::gmtime(now));
}

void NodeAgent::SayItStays() {
  const std::lock_guard lock(mutex_);
  rebalance_.clear();
  action_.clear();
}

HttpResponse NodeAgent::Tell(const HttpRequest& request) const {
  if (request.method == "PUT") {
    return {.body = "token"};
  }
  const std::lock_guard lock(mutex_);
  if (request.path == "/latest/meta-data/spot/instance-action" && !action_.empty()) {
    return {.content_type = "application/json", .body = action_};
  }
  if (request.path == "/latest/meta-data/events/recommendations/rebalance" && !rebalance_.empty()) {
    return {.content_type = "application/json", .body = rebalance_};
  }
  return {.status = 404};
}

void NodeAgent::Start() {
  const auto started = plane_.Children().Start(
      name_,
      {BINARY_DIR "/trimtab-agent", "--config", (directory_ / "config.yaml").string(), "--state",
       (directory_ / "state").string(), "--listen", Address()},
      directory_ / "log");
  if (!started) {
    throw std::runtime_error(started.error().what);
  }
}

void NodeAgent::Kill() { plane_.Children().Kill(name_); }

std::string NodeAgent::Get(const std::string& path) const {
  return RunToEnd({"curl", "--silent", "--max-time", "5", "http://" + Address() + path}, "",
                  plane_.Directory())
      .out;
}

std::string NodeAgent::Log() const {
  std::ifstream file(directory_ / "log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string NodeAgent::Kept() const {
  std::ifstream file(directory_ / "state/pods.json");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace cluster

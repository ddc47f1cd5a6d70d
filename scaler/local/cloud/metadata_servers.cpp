#include "scaler/local/cloud/metadata_servers.h"

#include <set>
#include <utility>

#include "common/log.h"
#include "scaler/local/cloud/cloud.h"

namespace scaler::local::cloud {
namespace {

using exporters::HttpRequest;

constexpr std::size_t kMostWaiters = 64;
constexpr auto kListenAgain = std::chrono::milliseconds(1000);

}  // namespace

MetadataService::MetadataService(common::Executor& executor, Node node,
                                 std::function<void()> acknowledged)
    : executor_(executor), node_(std::move(node)), acknowledged_(std::move(acknowledged)) {}

void MetadataService::Handle(const HttpRequest& request, Reply reply) {
  switch (node_.metadata) {
    case Protocol::kAws:
      reply(aws_.Answer(request, node_, executor_.Monotonic()));
      return;
    case Protocol::kGcp:
      HandleAsGcp(request, std::move(reply));
      return;
    case Protocol::kAzure: {
      auto answer = AnswerAsAzure(request, node_);
      reply(std::move(answer.response));
      if (answer.acknowledged) {
        acknowledged_();
      }
      return;
    }
    case Protocol::kNone:
      reply({.status = 404});
  }
}

void MetadataService::HandleAsGcp(const HttpRequest& request, Reply reply) {
  auto answer = AnswerAsGcp(request, node_);
  if (!answer.waits) {
    reply(std::move(answer.response));
    return;
  }
  if (waiters_.size() >= kMostWaiters) {
    answer.response.status = 503;
    reply(std::move(answer.response));
    return;
  }
  const auto id = next_++;
  auto& waiter = waiters_[id];
  waiter.request = request;
  waiter.reply = std::move(reply);
  waiter.seen = answer.response.body;
  waiter.deadline = executor_.After(answer.patience, [this, id] {
    const auto due = waiters_.extract(id);
    due.mapped().reply(AnswerAsGcp(due.mapped().request, node_).response);
  });
}

void MetadataService::Update(const Node& node) {
  node_ = node;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const auto current = waiter++;
    auto answer = AnswerAsGcp(current->second.request, node_);
    if (answer.response.body != current->second.seen) {
      const auto due = waiters_.extract(current);
      due.mapped().reply(std::move(answer.response));
    }
  }
}

MetadataServers::MetadataServers(common::Executor& executor, boost::asio::io_context& context,
                                 const Spec& spec,
                                 std::function<void(const std::string&)> acknowledged)
    : executor_(executor), context_(context), spec_(spec), acknowledged_(std::move(acknowledged)) {}

void MetadataServers::Reconcile(const std::vector<Node>& nodes) {
  std::set<std::string> there;
  for (const auto& node : nodes) {
    if (!node.running_at || node.going || node.metadata == Protocol::kNone) {
      continue;
    }
    there.insert(node.name);
    auto& served = served_[node.name];
    if (served.service) {
      served.service->Update(node);
    } else {
      // Posted: it comes from a request of a server that may go with its node.
      served.service = std::make_unique<MetadataService>(executor_, node, [this, name = node.name] {
        executor_.Post([this, name] { acknowledged_(name); });
      });
      Listen(node.name, MetadataPort(spec_, node));
    }
  }
  std::erase_if(served_, [&](const auto& entry) { return !there.contains(entry.first); });
}

void MetadataServers::Listen(const std::string& node, int port) {
  auto& served = served_[node];
  auto server = AsyncServer::ListenLoopback(
      context_, port, [service = served.service.get()](const HttpRequest& request, Reply reply) {
        service->Handle(request, std::move(reply));
      });
  if (server) {
    served.server = std::move(*server);
    served.again.reset();
    return;
  }
  common::log::Warning("a node has no metadata service yet",
                       {{"node", node}, {"error", server.error().what}});
  served.again = executor_.After(kListenAgain, [this, node, port] { Listen(node, port); });
}

}  // namespace scaler::local::cloud

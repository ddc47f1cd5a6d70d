#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "scaler/local/cloud/async_server.h"
#include "scaler/local/cloud/metadata.h"
#include "scaler/local/cloud/spec.h"
#include "scaler/local/cloud/state.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::local::cloud {

/// One node's metadata service, whatever it is served over. Belongs to the executor's thread.
class MetadataService {
 public:
  MetadataService(common::Executor& executor, Node node, std::function<void()> acknowledged);

  void Handle(const exporters::HttpRequest& request, Reply reply);

  /// What the node is now; answers those who wait for a change.
  void Update(const Node& node);

 private:
  struct Waiter {
    exporters::HttpRequest request;
    Reply reply;
    std::string seen;  ///< The answer that it has.
    std::unique_ptr<common::Timer> deadline;
  };

  void HandleAsGcp(const exporters::HttpRequest& request, Reply reply);

  common::Executor& executor_;
  Node node_;
  std::function<void()> acknowledged_;
  AwsMetadata aws_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Waiter> waiters_;
};

/// A server for each node that runs, on its port.
class MetadataServers {
 public:
  MetadataServers(common::Executor& executor, boost::asio::io_context& context, const Spec& spec,
                  std::function<void(const std::string& node)> acknowledged);

  void Reconcile(const std::vector<Node>& nodes);

 private:
  struct Served {
    std::unique_ptr<MetadataService> service;
    std::unique_ptr<AsyncServer> server;
    std::unique_ptr<common::Timer> again;  ///< Its port is somebody else's for now.
  };

  void Listen(const std::string& node, int port);

  common::Executor& executor_;
  boost::asio::io_context& context_;
  const Spec& spec_;
  std::function<void(const std::string&)> acknowledged_;
  std::map<std::string, Served> served_;
};

}  // namespace scaler::local::cloud

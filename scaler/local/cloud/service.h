#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "common/io_loop.h"
#include "common/result.h"
#include "scaler/local/cloud/api.h"
#include "scaler/local/cloud/async_server.h"
#include "scaler/local/cloud/cloud.h"
#include "scaler/local/cloud/metadata_servers.h"
#include "scaler/local/cloud/node_host.h"
#include "scaler/local/cloud/store.h"
#include "scaler/local/cloud/targets.h"

namespace scaler::local::cloud {

/// The whole program: state, API, nodes. Belongs to the loop's thread.
class Service {
 public:
  /// `root`: above /proc and the cgroup mounts.
  [[nodiscard]] static common::Result<std::unique_ptr<Service>> Open(
      common::IoLoop& loop, Spec spec, std::filesystem::path state,
      const std::filesystem::path& root = "/");
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] const std::filesystem::path& Socket() const { return spec_.socket; }

  /// The orderly end: takes all nodes, unless they are to stay. `done` is called once.
  void Stop(std::function<void()> done);

 private:
  Service(common::IoLoop& loop, Spec spec, Store store, State state, Cgroups cgroups);
  common::Result<void> Start();

  [[nodiscard]] Now Time() const { return {loop_.Monotonic(), loop_.Wall()}; }
  /// Lets happen what is due, makes it durable and sees to it. On the API's behalf and its own.
  common::Result<void> Commit();
  /// Says so when Prometheus begins not to be told, not each time.
  void TellPrometheus();
  void Sleep();

  common::IoLoop& loop_;
  Spec spec_;
  Store store_;
  Cloud cloud_;
  NodeHost host_;
  MetadataServers metadata_;
  TargetsFile targets_;
  bool targets_failed_ = false;
  Api api_;
  std::unique_ptr<AsyncServer> server_;
  std::unique_ptr<common::Timer> wake_;
  std::int64_t saved_revision_ = 0;
  std::int64_t told_revision_ = 0;
  std::function<void()> stopped_;
};

}  // namespace scaler::local::cloud

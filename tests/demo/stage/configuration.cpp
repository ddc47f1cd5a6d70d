#include "tests/demo/stage/configuration.h"

#include <fstream>
#include <map>
#include <utility>

#include "common/file_system.h"
#include "tests/demo/stage/template.h"

namespace demo {
namespace {

namespace fs = std::filesystem;
using common::Result;
using Values = std::map<std::string, std::string>;

Result<void> WriteFile(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::trunc);
  file << content;
  file.flush();
  return file ? Result<void>() : common::FailErrno("cannot write " + path.string());
}

struct Tier {
  const char* name;
  int replicas;  ///< Never fewer; deploy/local/policies says the same.
};

/// Who is visited all the time keeps replicas; who must not lose a request is gold, and who may be
/// on a node that is taken has two. The others may sleep.
Tier TierOf(const Tenant& tenant) {
  if (tenant.phases.empty()) {
    return {"standard", 0};
  }
  const bool steady = tenant.phases.size() == 1 && !tenant.injection;
  return steady ? Tier{"gold", 1} : Tier{"silver", 2};
}

class Writer {
 public:
  Writer(const RunPlace& place, const Course& course)
      : place_(place), course_(course), templates_(place.source / "deploy" / "local") {
    values_ = {{"RUN", place.directory.string()},
               {"SOURCE", place.source.string()},
               {"BIN", place.binaries.string()},
               {"CGROUP", place.cgroup},
               {"HAPROXY_PORT", std::to_string(place.ports.haproxy)},
               {"LOG_PORT", std::to_string(place.ports.log)},
               {"PROMETHEUS_PORT", std::to_string(place.ports.prometheus)},
               {"ALERTMANAGER_PORT", std::to_string(place.ports.alertmanager)},
               {"AGENT_PORT", std::to_string(place.ports.agent)},
               {"SCALER_PORT", std::to_string(place.ports.scaler)},
               {"FIRST_REPLICA_PORT", std::to_string(place.ports.first_replica)},
               {"LAST_REPLICA_PORT", std::to_string(place.ports.last_replica)},
               {"FIRST_NODE_PORT", std::to_string(place.ports.first_node)},
               {"LAST_NODE_PORT", std::to_string(place.ports.last_node)}};
  }

  /// `name` filled; where there is a template `per_shop`, @SHOPS@ is that one for each shop.
  [[nodiscard]] Result<void> Write(const std::string& name, const std::string& per_shop = {}) {
    auto values = values_;
    if (!per_shop.empty()) {
      auto shops = FillForEachShop(per_shop);
      if (!shops) {
        return tl::make_unexpected(shops.error());
      }
      values["SHOPS"] = std::move(*shops);
    }
    return Fill(name, values).and_then([&](const std::string& text) {
      return WriteFile(place_.directory / name, text);
    });
  }

  [[nodiscard]] Result<void> WriteHosts() {
    std::string lines;
    for (const auto& tenant : course_.tenants) {
      lines += tenant.host + " " + tenant.name + "\n";
    }
    return WriteFile(place_.directory / "hosts.map", lines);
  }

 private:
  Result<std::string> Fill(const std::string& name, const Values& values) {
    return templates_.Read(name).and_then([&](const std::string& text) {
      return FillTemplate(text, values).map_error([&](common::Error error) {
        error.what = "deploy/local/" + name + ": " + error.what;
        return error;
      });
    });
  }

  Result<std::string> FillForEachShop(const std::string& name) {
    std::string all;
    for (const auto& tenant : course_.tenants) {
      auto values = values_;
      values["SHOP"] = tenant.name;
      values["HOST"] = tenant.host;
      const auto tier = TierOf(tenant);
      values["TIER"] = tier.name;
      values["REPLICAS"] = std::to_string(tier.replicas);
      const auto text = Fill(name, values);
      if (!text) {
        return text;
      }
      all += *text;
    }
    return all;
  }

  const RunPlace& place_;
  const Course& course_;
  common::FileSystem templates_;
  Values values_;
};

}  // namespace

Result<void> WriteConfiguration(const RunPlace& place, const Course& course) {
  Writer writer(place, course);
  std::error_code error;
  fs::create_directory(place.directory / "targets",
                       error);  // Prometheus looks there from the start.
  if (error) {
    return common::Fail(std::errc::io_error,
                        "cannot make the directory for Prometheus' targets: " + error.message());
  }
  return writer.Write("haproxy.cfg", "haproxy-shop.cfg")
      .and_then([&] { return writer.WriteHosts(); })
      .and_then([&] { return writer.Write("agent.yaml", "agent-shop.yaml"); })
      .and_then([&] { return writer.Write("cloud.yaml"); })
      .and_then([&] { return writer.Write("scaler.yaml", "scaler-shop.yaml"); })
      .and_then([&] { return writer.Write("prometheus.yml"); })
      .and_then([&] { return writer.Write("alertmanager.yml"); });
}

}  // namespace demo

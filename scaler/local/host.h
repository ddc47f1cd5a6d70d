#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "scaler/local/cgroups.h"
#include "scaler/local/ports.h"

namespace common {
class IoLoop;
}  // namespace common

namespace scaler::local {

class Ingress;
class Nodes;

/// The namespace of everything on this machine.
inline constexpr const char* kNamespace = "local";

/// What all replicas of a platform share. Outlives them.
struct Host {
  common::IoLoop& loop;
  std::filesystem::path state;  ///< The state directory.
  std::filesystem::path lifecycle;
  std::filesystem::path shim;  ///< The program trimtab-shim.
  std::filesystem::path root;
  std::string cgroup_parent;
  std::optional<Cgroups> cgroups;  ///< None: replicas run without.
  Ports ports;
  Ingress* ingress = nullptr;     ///< None: replicas are registered nowhere.
  Nodes* nodes = nullptr;         ///< None: replicas run anywhere.
  std::function<void()> changed;  ///< Something is to be reconciled and told.

  [[nodiscard]] std::filesystem::path ReplicaFile(const std::string& replica,
                                                  const char* extension) const {
    return state / "replicas" / (replica + extension);
  }
  [[nodiscard]] std::filesystem::path LogFile(const std::string& replica) const {
    return state / "logs" / (replica + ".log");
  }
  [[nodiscard]] std::filesystem::path WorkloadFile(const std::string& workload) const {
    return state / "workloads" / (workload + ".json");
  }
};

}  // namespace scaler::local

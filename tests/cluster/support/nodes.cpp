#include "tests/cluster/support/nodes.h"

#include <fmt/format.h>

namespace cluster {

std::string Nodes(int count, const std::string& capacity_type, int first) {
  std::string items;
  for (int i = first; i < first + count; ++i) {
    // The addresses are given because KWOK forgets some that it makes itself.
    items += fmt::format(
        R"({}{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{}-{}","annotations":)"
        R"({{"kwok.x-k8s.io/node":"fake"}},"labels":{{"kubernetes.io/hostname":"{}-{}",)"
        R"("kubernetes.io/os":"linux","topology.kubernetes.io/region":"test",)"
        R"("topology.kubernetes.io/zone":"test-{}","karpenter.sh/capacity-type":"{}"}}}},)"
        R"("status":{{"addresses":[{{"type":"InternalIP","address":"127.0.0.1"}}],)"
        R"("capacity":{{"cpu":"32","memory":"256Gi","pods":"250"}},)"
        R"("allocatable":{{"cpu":"32","memory":"256Gi","pods":"250"}}}}}})",
        items.empty() ? "" : ",", capacity_type, i, capacity_type, i,
        std::string(1, static_cast<char>('a' + i % 3)), capacity_type);
  }
  return R"({"apiVersion":"v1","kind":"List","items":[)" + items + "]}";
}

}  // namespace cluster

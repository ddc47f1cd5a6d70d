#include "scaler/kubernetes/workloads/kind.h"

#include <fmt/format.h>

namespace scaler::kubernetes::workloads {
namespace {

std::string RootOf(const Kind& kind) {
  const bool is_core = kind.group_version.find('/') == std::string::npos;
  return (is_core ? "/api/" : "/apis/") + kind.group_version;
}

}  // namespace

std::string GroupOf(const std::string& group_version) {
  const auto slash = group_version.find('/');
  return slash == std::string::npos ? "" : group_version.substr(0, slash);
}

std::string PathOf(const Kind& kind) { return RootOf(kind) + "/" + kind.plural; }

std::string ScalePathOf(const Kind& kind, const common::kubernetes::ObjectKey& key) {
  return fmt::format("{}/namespaces/{}/{}/{}/scale", RootOf(kind), key.name_space, kind.plural,
                     key.name);
}

}  // namespace scaler::kubernetes::workloads

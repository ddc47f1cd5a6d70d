#include <utility>

#include "common/kubernetes/kubeconfig.h"
#include "common/tls/file.h"

namespace common::kubernetes {

Result<Access> InClusterAccess(const std::string& host, const std::string& port,
                               const std::filesystem::path& directory) {
  if (host.empty() || port.empty()) {
    return Fail(std::errc::no_such_device,
                "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not "
                "set");
  }
  Access access;
  access.source = "service account of " + directory.string();
  access.token_file = (directory / "token").string();
  access.tls.ca = (directory / "ca.crt").string();
  // An address of IPv6 comes without brackets.
  const bool bare = host.find(':') != std::string::npos && !host.starts_with('[');
  const auto authority = (bare ? "[" + host + "]" : host) + ":" + port;
  return http::ParseAddress("https://" + authority)
      .and_then([&](const http::Address& address) {
        access.server = address;
        return tls::ReadFile((directory / "namespace").string());
      })
      .map([&](const tls::File& file) {
        access.name_space = file.content;
        return std::move(access);
      });
}

}  // namespace common::kubernetes

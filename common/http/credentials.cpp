#include "common/http/credentials.h"

#include <utility>

namespace common::http {

Result<std::shared_ptr<Credentials>> Credentials::Open(const ClientOptions& options) {
  auto context = tls::OpenClientContext(options.tls);
  if (!context) {
    return tl::make_unexpected(context.error());
  }
  std::unique_ptr<tls::ReloadingToken> token;
  if (!options.token_file.empty()) {
    auto opened = tls::OpenToken(options.token_file);
    if (!opened) {
      return tl::make_unexpected(opened.error());
    }
    token = std::move(*opened);
  }
  return std::shared_ptr<Credentials>(
      new Credentials(options.tls, std::move(*context), std::move(token)));
}

Credentials::Credentials(tls::ClientFiles tls, std::unique_ptr<tls::ReloadingContext> context,
                         std::unique_ptr<tls::ReloadingToken> token)
    : tls_(std::move(tls)), context_(std::move(context)), token_(std::move(token)) {}

Result<Address> Credentials::ParseAddress(const std::string& text) const {
  const bool tls_by_default =
      tls_.insecure || !tls_.ca.empty() || !tls_.certificate.empty() || !tls_.server_name.empty();
  return http::ParseAddress(text, tls_by_default);
}

Result<std::string> Credentials::AuthorizationFor(const Address& address) const {
  if (!token_) {
    return std::string();
  }
  if (!address.tls && !IsLoopback(address)) {
    return Fail(std::errc::permission_denied,
                "the token for " + Authority(address) +
                    " is not sent, because everybody on the way could read it; write https://" +
                    Authority(address));
  }
  return "Bearer " + token_->Current();
}

}  // namespace common::http

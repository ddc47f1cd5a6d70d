#include "exporters/guard.h"

#include <strings.h>

#include <string_view>
#include <utility>

namespace exporters {
namespace {

bool IsOpenToAll(std::string_view path) { return path == "/healthz" || path == "/readyz"; }

HttpResponse WantsToken(bool wrong) {
  return {
      .status = 401,
      .body = wrong ? "This token is none of those that open this port.\n"
                    : "This port wants a token: send \"Authorization: Bearer TOKEN\".\n",
      .headers = {{"WWW-Authenticate", wrong ? "Bearer realm=\"trimtab\", error=\"invalid_token\""
                                             : "Bearer realm=\"trimtab\""}}};
}

/// Behind the proxy of a Kubernetes API server, which keeps Authorization for itself, the token
/// comes in a header of its own.
std::string_view TokenOf(const HttpRequest& request) {
  const auto header = request.headers.find("authorization");
  if (header != request.headers.end()) {
    return BearerToken(header->second);
  }
  const auto own = request.headers.find("trimtab-token");
  return own == request.headers.end() ? std::string_view() : std::string_view(own->second);
}

}  // namespace

Guard::Guard(std::unique_ptr<common::tls::ReloadingTokens> tokens, bool wants_certificate)
    : tokens_(std::move(tokens)), wants_certificate_(wants_certificate) {}

std::optional<HttpResponse> Guard::Refuse(const HttpRequest& request) const {
  if (IsOpenToAll(request.path)) {
    return std::nullopt;
  }
  if (wants_certificate_ && !request.certified) {
    return HttpResponse{.status = 403, .body = "This port wants a client certificate.\n"};
  }
  if (!tokens_) {
    return std::nullopt;
  }
  const auto token = TokenOf(request);
  if (token.empty()) {
    return WantsToken(false);
  }
  return tokens_->Current()->Accept(token) ? std::nullopt : std::optional(WantsToken(true));
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size() ||
      ::strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return {};
  }
  authorization.remove_prefix(
      std::min(authorization.find_first_not_of(' ', kScheme.size()), authorization.size()));
  return authorization.substr(0, authorization.find_last_not_of(' ') + 1);
}

}  // namespace exporters

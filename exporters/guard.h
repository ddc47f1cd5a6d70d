#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/tls/tokens.h"
#include "exporters/http_handler.h"

namespace exporters {

/// Who may ask: who presents a token as "Authorization: Bearer TOKEN" or, where a proxy keeps that
/// for itself, as "Trimtab-Token: TOKEN"; or a certificate. /healthz and /readyz are open to all: a
/// kubelet has neither token nor certificate. Where both are wanted, both must be there. Any
/// thread.
class Guard {
 public:
  /// Without `tokens` none is wanted.
  Guard(std::unique_ptr<common::tls::ReloadingTokens> tokens, bool wants_certificate);

  /// 401 or 403, or nothing where the request may pass.
  [[nodiscard]] std::optional<HttpResponse> Refuse(const HttpRequest& request) const;

 private:
  std::unique_ptr<common::tls::ReloadingTokens> tokens_;
  bool wants_certificate_;
};

/// The token of "Bearer TOKEN", the scheme in any case; empty for anything else.
[[nodiscard]] std::string_view BearerToken(std::string_view authorization);

}  // namespace exporters

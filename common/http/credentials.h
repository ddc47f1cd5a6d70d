#pragma once

#include <memory>
#include <string>

#include "common/http/address.h"
#include "common/result.h"
#include "common/tls/context.h"
#include "common/tls/tokens.h"

namespace common::http {

/// Whom a client believes and how it proves who it is.
struct ClientOptions {
  tls::ClientFiles tls = {};
  std::string token_file = {};  ///< Its first token is sent as "Authorization: Bearer".
};

/// The options' files, opened, and read again when they change. Any thread.
class Credentials {
 public:
  /// Fails, naming the file, as MakeClientContext and ReadTokenFile do.
  [[nodiscard]] static Result<std::shared_ptr<Credentials>> Open(const ClientOptions& options);

  /// As http::ParseAddress; without a scheme TLS is meant where the options say something of it.
  [[nodiscard]] Result<Address> ParseAddress(const std::string& text) const;

  /// The value of the header Authorization; empty without a token. Fails with permission_denied
  /// where it would go in the clear through a network.
  [[nodiscard]] Result<std::string> AuthorizationFor(const Address& address) const;

  [[nodiscard]] tls::Context TlsContext() const { return context_->Current(); }
  [[nodiscard]] const tls::ClientFiles& Tls() const { return tls_; }

 private:
  Credentials(tls::ClientFiles tls, std::unique_ptr<tls::ReloadingContext> context,
              std::unique_ptr<tls::ReloadingToken> token);

  tls::ClientFiles tls_;
  std::unique_ptr<tls::ReloadingContext> context_;
  std::unique_ptr<tls::ReloadingToken> token_;  ///< May be null.
};

}  // namespace common::http

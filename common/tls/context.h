#pragma once

#include <memory>
#include <string>
#include <system_error>

#include "common/result.h"
#include "common/tls/reloading.h"

// OpenSSL's own names for SSL_CTX and SSL.
struct ssl_ctx_st;
struct ssl_st;

namespace common::tls {

/// An SSL_CTX: what new connections begin with. Those that are open keep the one they began with.
using Context = std::shared_ptr<ssl_ctx_st>;

/// What a server shows, and whom it believes. PEM files.
struct ServerFiles {
  std::string certificate = {};  ///< Its own first, then the intermediate ones.
  std::string key = {};
  std::string client_ca = {};  ///< Clients are asked for a certificate of these; empty: not asked.
};

/// Whom a client believes, and what it shows. PEM files.
struct ClientFiles {
  std::string ca = {};           ///< Empty: those that the system trusts.
  std::string certificate = {};  ///< Shown to servers that ask; empty: none.
  std::string key = {};
  std::string server_name = {};  ///< Expected in the certificate; empty: the host of the address.
  bool insecure = false;         ///< Believes anybody.
};

/// TLS 1.2 and later, forward secrecy, no session resumption. A client without a certificate is
/// let in (whoever answers it must look, see HasPeerCertificate); one with a certificate that
/// `client_ca` did not sign is not.
///
/// Fails where a file cannot be read, holds no such thing, has expired, or where key and
/// certificate do not belong together; the words name the file.
[[nodiscard]] Result<Context> MakeServerContext(const ServerFiles& files);

/// As MakeServerContext, for clients.
[[nodiscard]] Result<Context> MakeClientContext(const ClientFiles& files);

/// Contexts that follow their files.
using ReloadingContext = Reloading<Context>;
[[nodiscard]] Result<std::unique_ptr<ReloadingContext>> OpenServerContext(const ServerFiles& files);
[[nodiscard]] Result<std::unique_ptr<ReloadingContext>> OpenClientContext(const ClientFiles& files);

/// Makes `connection`, before its handshake, insist that the server is `host` (a name or an
/// address) or, if given, `files.server_name`.
[[nodiscard]] Result<void> ExpectServer(ssl_st* connection, const ClientFiles& files,
                                        const std::string& host);

/// True if the peer showed a certificate, which was then verified.
[[nodiscard]] bool HasPeerCertificate(const ssl_st* connection);

/// Why an operation of a client's `connection` failed with `error` (Asio's), as the end of a
/// sentence about the server: "its certificate has expired".
[[nodiscard]] std::string ExplainFailure(const ssl_st* connection, const std::error_code& error);

}  // namespace common::tls

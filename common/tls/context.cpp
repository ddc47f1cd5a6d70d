#include "common/tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string_view>
#include <utility>

#include "common/tls/pem.h"

namespace common::tls {
namespace {

Result<Context> NewContext(const SSL_METHOD* method) {
  ERR_clear_error();
  Context context(SSL_CTX_new(method), &SSL_CTX_free);
  // TLS 1.3 has good ciphers only; of those of 1.2, the ones with forward secrecy and an AEAD.
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return Fail(std::errc::not_supported, "OpenSSL makes no context: " + TakeOpenSslErrors());
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return context;
}

Result<void> UseIdentity(SSL_CTX& context, const std::string& certificate_path,
                         const std::string& key_path) {
  auto certificates = ReadCertificates(certificate_path);
  if (!certificates) {
    return tl::make_unexpected(certificates.error());
  }
  const auto key = ReadKey(key_path);
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  auto& own = *certificates->front();
  if (auto checked = CheckIdentity(own, **key, certificate_path, key_path); !checked) {
    return checked;
  }
  bool used = SSL_CTX_use_certificate(&context, &own) == 1 &&
              SSL_CTX_use_PrivateKey(&context, key->get()) == 1;
  for (std::size_t index = 1; used && index < certificates->size(); ++index) {
    used = SSL_CTX_add1_chain_cert(&context, certificates->at(index).get()) == 1;
  }
  if (!used) {
    return Fail(std::errc::invalid_argument, "certificate file " + certificate_path +
                                                 ": OpenSSL refuses it: " + TakeOpenSslErrors());
  }
  return {};
}

Result<void> TrustOnly(SSL_CTX& context, const std::string& ca_path) {
  const auto authorities = ReadCertificates(ca_path);
  if (!authorities) {
    return tl::make_unexpected(authorities.error());
  }
  auto* const store = SSL_CTX_get_cert_store(&context);
  for (const auto& authority : *authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return Fail(std::errc::invalid_argument,
                  "certificate file " + ca_path + ": OpenSSL refuses it: " + TakeOpenSslErrors());
    }
  }
  // Whoever gives an intermediate certificate means that one.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> AskForClientCertificates(SSL_CTX& context, const std::string& ca_path) {
  return TrustOnly(context, ca_path).and_then([&]() -> Result<void> {
    // So that a client with several certificates knows which one is wanted.
    for (const auto& authority : ReadCertificates(ca_path).value_or(std::vector<Certificate>{})) {
      SSL_CTX_add_client_CA(&context, authority.get());
    }
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
    return {};
  });
}

Result<void> CheckPair(const std::string& certificate, const std::string& key) {
  if (certificate.empty() == key.empty()) {
    return {};
  }
  return Fail(std::errc::invalid_argument,
              key.empty() ? "certificate file " + certificate + ": its key file is not given"
                          : "key file " + key + ": its certificate file is not given");
}

Result<void> TrustServers(SSL_CTX& context, const ClientFiles& files) {
  SSL_CTX_set_verify(&context, files.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (files.insecure) {
    return {};
  }
  if (!files.ca.empty()) {
    return TrustOnly(context, files.ca);
  }
  SSL_CTX_set_default_verify_paths(&context);
  ERR_clear_error();
  return {};
}

std::string ExplainDistrust(const ssl_st* connection, long verdict) {
  if (verdict == X509_V_ERR_CERT_HAS_EXPIRED) {
    return "a certificate that it shows has expired";
  }
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH) {
    const char* const host =
        X509_VERIFY_PARAM_get0_host(SSL_get0_param(const_cast<ssl_st*>(connection)), 0);
    return "its certificate is not for the name " + std::string(host == nullptr ? "" : host);
  }
  if (verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return "its certificate is not for this address";
  }
  return "its certificate cannot be trusted: " +
         std::string(X509_verify_cert_error_string(verdict));
}

/// Empty where OpenSSL's own words do.
std::string_view ExplainReason(int reason) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return "it does not speak TLS; write http:// if it shall not";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return "it wants a client certificate";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return "it does not trust our client certificate";
    default:
      return {};
  }
}

}  // namespace

Result<Context> MakeServerContext(const ServerFiles& files) {
  if (files.certificate.empty() || files.key.empty()) {
    return Fail(std::errc::invalid_argument, "TLS needs both a certificate file and its key file");
  }
  return NewContext(TLS_server_method()).and_then([&](Context context) -> Result<Context> {
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    return UseIdentity(*context, files.certificate, files.key)
        .and_then([&]() -> Result<void> {
          return files.client_ca.empty() ? Result<void>()
                                         : AskForClientCertificates(*context, files.client_ca);
        })
        .map([&] { return context; });
  });
}

Result<Context> MakeClientContext(const ClientFiles& files) {
  if (auto paired = CheckPair(files.certificate, files.key); !paired) {
    return tl::make_unexpected(paired.error());
  }
  return NewContext(TLS_client_method()).and_then([&](Context context) -> Result<Context> {
    return TrustServers(*context, files)
        .and_then([&]() -> Result<void> {
          return files.certificate.empty() ? Result<void>()
                                           : UseIdentity(*context, files.certificate, files.key);
        })
        .map([&] { return context; });
  });
}

Result<std::unique_ptr<ReloadingContext>> OpenServerContext(const ServerFiles& files) {
  return ReloadingContext::Open({files.certificate, files.key, files.client_ca},
                                [files] { return MakeServerContext(files); });
}

Result<std::unique_ptr<ReloadingContext>> OpenClientContext(const ClientFiles& files) {
  return ReloadingContext::Open({files.certificate, files.key, files.ca},
                                [files] { return MakeClientContext(files); });
}

Result<void> ExpectServer(ssl_st* connection, const ClientFiles& files, const std::string& host) {
  const auto& name = files.server_name.empty() ? host : files.server_name;
  auto* const parameters = SSL_get0_param(connection);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) {
    return {};
  }
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set_tlsext_host_name(connection, name.c_str()) != 1 ||
      X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size()) != 1) {
    ERR_clear_error();
    return Fail(std::errc::invalid_argument, "\"" + name + "\" is no name of a server");
  }
  ERR_clear_error();
  return {};
}

bool HasPeerCertificate(const ssl_st* connection) {
  return SSL_get0_peer_certificate(connection) != nullptr &&
         SSL_get_verify_result(connection) == X509_V_OK;
}

std::string ExplainFailure(const ssl_st* connection, const std::error_code& error) {
  if (std::string_view(error.category().name()) != "asio.ssl") {
    return error.message();
  }
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return ExplainDistrust(connection, SSL_get_verify_result(connection));
  }
  const auto known = ExplainReason(reason);
  return known.empty() ? error.message() : std::string(known);
}

}  // namespace common::tls

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "common/result.h"

// Inside this folder only: it brings OpenSSL's headers.
namespace common::tls {

struct FreeOpenSsl {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, FreeOpenSsl>;
using Key = std::unique_ptr<EVP_PKEY, FreeOpenSsl>;

/// All certificates of a PEM file, at least one.
[[nodiscard]] Result<std::vector<Certificate>> ReadCertificates(const std::string& path);

/// The private key of a PEM file; warns of one that everybody may read.
[[nodiscard]] Result<Key> ReadKey(const std::string& path);

/// The certificates of `path`, of which the first is valid now, belongs to `key` (read from
/// `key_path`) and is for use.
[[nodiscard]] Result<void> CheckIdentity(const X509& certificate, const EVP_PKEY& key,
                                         const std::string& path, const std::string& key_path);

/// What OpenSSL's queue of errors says, which is empty afterwards.
[[nodiscard]] std::string TakeOpenSslErrors();

}  // namespace common::tls

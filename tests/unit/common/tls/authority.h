#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace tests {

/// What a certificate of a test says.
struct CertificateWishes {
  std::string name = "localhost";  ///< Also the name of the files.
  /// As OpenSSL writes them.
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  std::chrono::seconds valid_from{-3600};
  std::chrono::seconds valid_until{3600};
};

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

/// A certificate authority of one test, with its files in a directory of that test.
class Authority {
 public:
  explicit Authority(std::filesystem::path directory, std::string name = "ca");

  /// The authority's own certificate.
  [[nodiscard]] std::string CaFile() const;

  /// Writes DIRECTORY/NAME.crt and NAME.key, which replace those of an earlier call at once.
  [[nodiscard]] CertificateFiles Issue(const CertificateWishes& wishes = {}) const;

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  [[nodiscard]] std::unique_ptr<X509, Free> Sign(EVP_PKEY* subject_key,
                                                 const CertificateWishes& wishes,
                                                 bool is_authority) const;

  std::filesystem::path directory_;
  std::string name_;
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
};

/// Writes beside `path` and renames, as whoever rotates files does. Mode 0600.
void ReplaceFile(const std::filesystem::path& path, const std::string& content);

}  // namespace tests

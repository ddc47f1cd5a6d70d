#include "common/tls/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "common/clock.h"
#include "common/log.h"
#include "common/tls/file.h"

namespace common::tls {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

Bio OpenBio(const std::string& content) {
  return Bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

/// Without it OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string DateOf(const ASN1_TIME& time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(&time, &parts) != 1) {
    return "an unreadable date";
  }
  return FormatRfc3339(WallTime(std::chrono::milliseconds(std::int64_t{timegm(&parts)} * 1000)));
}

}  // namespace

std::string TakeOpenSslErrors() {
  std::string text;
  while (const auto code = ERR_get_error()) {
    const char* const reason = ERR_reason_error_string(code);
    text += (text.empty() ? "" : ", ") + std::string(reason == nullptr ? "unknown" : reason);
  }
  return text.empty() ? "it does not say why" : text;
}

Result<std::vector<Certificate>> ReadCertificates(const std::string& path) {
  const auto file = ReadFile(path);
  if (!file) {
    return tl::make_unexpected(Error{file.error().code, "certificate file " + file.error().what});
  }
  const auto bio = OpenBio(file->content);
  std::vector<Certificate> certificates;
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const auto why = TakeOpenSslErrors();
  if (!at_end) {
    return Fail(std::errc::bad_message, "certificate file " + path + ": is damaged after " +
                                            std::to_string(certificates.size()) +
                                            " certificates: " + why);
  }
  if (certificates.empty()) {
    return Fail(std::errc::bad_message,
                "certificate file " + path + ": holds no certificate in PEM form");
  }
  return certificates;
}

Result<Key> ReadKey(const std::string& path) {
  const auto file = ReadFile(path);
  if (!file) {
    return tl::make_unexpected(Error{file.error().code, "key file " + file.error().what});
  }
  const auto bio = OpenBio(file->content);
  bool encrypted = false;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, &encrypted));
  const auto why = TakeOpenSslErrors();
  if (encrypted) {
    return Fail(std::errc::bad_message,
                "key file " + path + ": is encrypted; give it without a passphrase");
  }
  if (!key) {
    return Fail(std::errc::bad_message,
                "key file " + path + ": holds no private key in PEM form (" + why + ")");
  }
  if ((file->mode & S_IROTH) != 0) {
    log::Warning("everybody on this machine may read a private key; chmod o-rwx would end that",
                 {{"file", path}});
  }
  return key;
}

Result<void> CheckIdentity(const X509& certificate, const EVP_PKEY& key, const std::string& path,
                           const std::string& key_path) {
  const auto matches = X509_check_private_key(&certificate, &key) == 1;
  ERR_clear_error();
  if (!matches) {
    return Fail(std::errc::invalid_argument,
                "key file " + key_path + ": is not the key of the certificate in " + path);
  }
  const auto* const until = X509_get0_notAfter(&certificate);
  if (X509_cmp_current_time(until) < 0) {
    return Fail(std::errc::invalid_argument,
                "certificate file " + path + ": expired on " + DateOf(*until));
  }
  const auto* const from = X509_get0_notBefore(&certificate);
  if (X509_cmp_current_time(from) > 0) {
    // Not refused: where only this machine's clock is late, the peers will believe it.
    log::Warning("a certificate is not valid yet", {{"file", path}, {"from", DateOf(*from)}});
  }
  return {};
}

}  // namespace common::tls

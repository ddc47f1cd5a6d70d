#include "unit/common/tls/authority.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <stdexcept>
#include <utility>

namespace tests {
namespace {

void Must(bool holds, const char* what) {
  if (!holds) {
    throw std::runtime_error(std::string("OpenSSL fails to ") + what);
  }
}

/// What `write` puts into a BIO.
template <typename Write>
std::string ToPem(const Write& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  Must(write(bio.get()) == 1, "write PEM");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string ToPem(X509* certificate) {
  return ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string ToPem(EVP_PKEY* key) {
  return ToPem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

void AddExtension(X509* certificate, X509V3_CTX& context, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
  Must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void SetName(X509_NAME* name, const std::string& common_name) {
  Must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                  -1, 0) == 1,
       "set a name");
}

}  // namespace

Authority::Authority(std::filesystem::path directory, std::string name)
    : directory_(std::move(directory)), name_(std::move(name)), key_(EVP_EC_gen("P-256")) {
  Must(key_ != nullptr, "make a key");
  certificate_ = Sign(key_.get(), {.name = name_, .alternative_names = ""}, true);
  ReplaceFile(CaFile(), ToPem(certificate_.get()));
}

std::string Authority::CaFile() const { return directory_ / (name_ + ".pem"); }

CertificateFiles Authority::Issue(const CertificateWishes& wishes) const {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
  Must(key != nullptr, "make a key");
  const CertificateFiles files{.certificate = directory_ / (wishes.name + ".crt"),
                               .key = directory_ / (wishes.name + ".key")};
  ReplaceFile(files.certificate, ToPem(Sign(key.get(), wishes, false).get()));
  ReplaceFile(files.key, ToPem(key.get()));
  return files;
}

std::unique_ptr<X509, Authority::Free> Authority::Sign(EVP_PKEY* subject_key,
                                                       const CertificateWishes& wishes,
                                                       bool is_authority) const {
  std::unique_ptr<X509, Free> certificate(X509_new());
  auto* const raw = certificate.get();
  std::uint64_t serial = 0;
  Must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "roll dice");
  Must(X509_set_version(raw, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(raw), wishes.valid_from.count()) != nullptr &&
           X509_gmtime_adj(X509_getm_notAfter(raw), wishes.valid_until.count()) != nullptr &&
           X509_set_pubkey(raw, subject_key) == 1,
       "fill in a certificate");
  SetName(X509_get_subject_name(raw), wishes.name);
  auto* const issuer = is_authority ? raw : certificate_.get();
  Must(X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1, "name the issuer");
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, raw, nullptr, nullptr, 0);
  AddExtension(raw, context, NID_basic_constraints,
               is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!wishes.alternative_names.empty()) {
    AddExtension(raw, context, NID_subject_alt_name, wishes.alternative_names);
  }
  Must(X509_sign(raw, key_.get(), EVP_sha256()) > 0, "sign");
  return certificate;
}

void ReplaceFile(const std::filesystem::path& path, const std::string& content) {
  const auto beside = path.string() + ".new";
  std::ofstream(beside) << content;
  std::filesystem::permissions(
      beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(beside, path);
}

}  // namespace tests

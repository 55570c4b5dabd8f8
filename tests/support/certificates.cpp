#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <sstream>
#include <stdexcept>

namespace mqtt::test {
namespace {

void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL refuses to make a test certificate");
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  require(write(bio) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

BIO* reader_of(const std::string& pem) {
  return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
}

void set_name(X509_NAME* name, const std::string& subject) {
  std::istringstream parts(subject);
  for (std::string part; std::getline(parts, part, '/');) {
    const std::size_t equals = part.find('=');
    const std::string value = part.substr(equals + 1);
    require(X509_NAME_add_entry_by_txt(name, part.substr(0, equals).c_str(), MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1);
  }
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509* new_certificate(EVP_PKEY* key, const std::string& subject, long serial, long valid_for_s) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_for_s);
  X509_set_pubkey(certificate, key);
  set_name(X509_get_subject_name(certificate), subject);
  return certificate;
}

std::string pem_of_certificate(X509* certificate) {
  return pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

}  // namespace

Authority::Authority(const std::string& common_name)
    : key_(EVP_EC_gen("P-256")),
      certificate_(new_certificate(key_, "CN=" + common_name, 1, 24 * 3600)) {
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_, certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate_, certificate_, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate_, key_, EVP_sha256()) != 0);
}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string Authority::certificate() const {
  return pem_of_certificate(certificate_);
}

Identity Authority::issue(const std::string& subject, const CertificateOptions& options) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = new_certificate(key, subject, ++last_serial_, options.valid_for_s);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  add_extension(certificate, certificate_, NID_authority_key_identifier, "keyid");
  if (!options.alternative_names.empty()) {
    add_extension(certificate, certificate_, NID_subject_alt_name, options.alternative_names);
  }
  require(X509_sign(certificate, key_, EVP_sha256()) != 0);
  Identity identity{pem_of_certificate(certificate), pem_of([&](BIO* bio) {
                      return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                                      nullptr);
                    })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

std::string Authority::revoke(const std::string& certificate_to_revoke, long valid_for_s) const {
  BIO* const bio = reader_of(certificate_to_revoke);
  X509* const certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  X509_CRL* const crl = X509_CRL_new();
  X509_CRL_set_version(crl, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl, X509_get_subject_name(certificate_));
  ASN1_TIME* const now = X509_gmtime_adj(nullptr, -60);
  ASN1_TIME* const next = X509_gmtime_adj(nullptr, valid_for_s);
  X509_CRL_set1_lastUpdate(crl, now);
  X509_CRL_set1_nextUpdate(crl, next);
  X509_REVOKED* const revoked = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(certificate));
  X509_REVOKED_set_revocationDate(revoked, now);
  require(X509_CRL_add0_revoked(crl, revoked) == 1);
  require(X509_CRL_sign(crl, key_, EVP_sha256()) != 0);
  std::string pem = pem_of([&](BIO* out) { return PEM_write_bio_X509_CRL(out, crl); });
  ASN1_TIME_free(now);
  ASN1_TIME_free(next);
  X509_CRL_free(crl);
  X509_free(certificate);
  return pem;
}

std::string encrypted(const std::string& key, const std::string& password) {
  BIO* const bio = reader_of(key);
  EVP_PKEY* const parsed = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  std::string pem = pem_of([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, parsed, EVP_aes_128_cbc(),
                                    reinterpret_cast<const unsigned char*>(password.data()),
                                    static_cast<int>(password.size()), nullptr, nullptr);
  });
  EVP_PKEY_free(parsed);
  return pem;
}

}  // namespace mqtt::test

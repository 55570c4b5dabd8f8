#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace mqtt::test {

/// A certificate with its key, both as PEM text.
struct Identity {
  std::string certificate;
  std::string key;
};

/// What a certificate says besides the name.
struct CertificateOptions {
  /// In OpenSSL's notation, such as "DNS:localhost,IP:127.0.0.1"; empty: none.
  std::string alternative_names;
  /// Seconds from now until it expires; below zero: it has.
  long valid_for_s = 3600;
};

/// A certificate authority that exists for the length of a test.
class Authority {
 public:
  explicit Authority(const std::string& common_name = "Test authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Its own certificate, as PEM text.
  std::string certificate() const;
  /// `subject` is "CN=name" or several such parts, separated by `/`.
  Identity issue(const std::string& subject, const CertificateOptions& options = {});
  /// A revocation list with this certificate (PEM text), as PEM text, to be replaced in so many
  /// seconds.
  std::string revoke(const std::string& certificate_to_revoke, long valid_for_s = 3600) const;

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  long last_serial_ = 1;
};

/// The key as PEM text under a password.
std::string encrypted(const std::string& key, const std::string& password);

}  // namespace mqtt::test

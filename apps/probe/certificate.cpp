#include "probe/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>
#include <string_view>

namespace probe {

namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return "?";
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, Free> list(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list.get(), i);
    switch (name->type) {
      case GEN_DNS:
        names.push_back("DNS:" + text_of(name->d.dNSName));
        break;
      case GEN_IPADD:
        names.push_back("IP:" + address_of(name->d.iPAddress));
        break;
      case GEN_URI:
        names.push_back("URI:" + text_of(name->d.uniformResourceIdentifier));
        break;
      case GEN_EMAIL:
        names.push_back("email:" + text_of(name->d.rfc822Name));
        break;
      default:
        names.emplace_back("other");
        break;
    }
  }
  return names;
}

void set_expiry(const ASN1_TIME* end, CertificateFacts& facts) {
  std::tm time{};
  if (ASN1_TIME_to_tm(end, &time) != 1) return;
  std::array<char, 32> text{};
  facts.expires.assign(text.data(),
                       std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &time));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, end) == 1) facts.days_left = days;
}

}  // namespace

std::optional<CertificateFacts> facts_of(const std::string& certificate_pem) {
  const std::unique_ptr<BIO, Free> in(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) return std::nullopt;
  CertificateFacts facts;
  facts.subject = text_of(X509_get_subject_name(certificate.get()));
  facts.issuer = text_of(X509_get_issuer_name(certificate.get()));
  facts.names = alternative_names(certificate.get());
  set_expiry(X509_get0_notAfter(certificate.get()), facts);
  return facts;
}

}  // namespace probe

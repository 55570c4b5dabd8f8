#include "mqtt/io/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "mqtt/io/tls_stream.h"
#include "openssl_error.h"
#include "openssl_pointer.h"
#include "tls_resumption.h"

namespace mqtt::io {
namespace {

using BioPointer = OpensslPointer<BIO, &BIO_free>;
using CertificatePointer = OpensslPointer<X509, &X509_free>;
using KeyPointer = OpensslPointer<EVP_PKEY, &EVP_PKEY_free>;
using CrlPointer = OpensslPointer<X509_CRL, &X509_CRL_free>;

/// Its length has one byte on the wire.
constexpr std::size_t alpn_name_limit = 255;

int native(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
  }
  return 0;
}

std::string name_of(const Pem& pem, const char* what) {
  return pem.file.empty() ? std::string(what) : what + (" \"" + pem.file + "\"");
}

using Option = TlsError::Option;

/// With OpenSSL's reasons.
TlsError failure(Option option, std::string subject) {
  TlsError error;
  error.option = option;
  error.subject = std::move(subject);
  error.reason = openssl_reasons();
  return error;
}

TlsError failure(Option option, std::string subject, std::string reason) {
  ERR_clear_error();
  TlsError error;
  error.option = option;
  error.subject = std::move(subject);
  error.reason = std::move(reason);
  return error;
}

/// The caller sets the error's subject.
tl::expected<BioPointer, TlsError> open(const Pem& pem, Option option) {
  if (pem.file.empty()) {
    return BioPointer(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  }
  errno = 0;
  BioPointer bio(BIO_new_file(pem.file.c_str(), "r"));
  if (bio) return bio;
  TlsError error = failure(option, {}, std::strerror(errno));
  error.file_error = errno;
  return tl::unexpected(std::move(error));
}

tl::expected<BioPointer, TlsError> open(const Pem& pem, Option option, const std::string& subject) {
  return open(pem, option).map_error([&subject](TlsError error) {
    error.subject = subject;
    return error;
  });
}

/// Whether the PEM text has a part whose label ends like this: "PRIVATE KEY".
bool has_part(const Pem& pem, std::string_view label_end) {
  const auto bio = open(pem, Option::none);
  if (!bio) return false;
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  bool found = false;
  while (!found && PEM_read_bio(bio->get(), &label, &header, &data, &size) == 1) {
    found = std::string_view(label).ends_with(label_end);
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }
  return found;
}

/// A PEM file without the required part.
TlsError missing_part(Option option, std::string subject, const Pem& pem, const char* needed,
                      const char* other, std::string_view label_of_other) {
  TlsError error = failure(option, std::move(subject));
  error.exchanged = has_part(pem, label_of_other);
  error.reason = std::string("holds ") + (error.exchanged ? other : "no") + needed;
  ERR_clear_error();
  return error;
}

/// Without any callback OpenSSL would prompt on the terminal.
int give_password(char* out, int size, int, void* ask) {
  const auto& password_of = *static_cast<const std::function<std::string()>*>(ask);
  if (!password_of) return -1;
  const std::string password = password_of();
  if (password.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(password.begin(), password.end(), out);
  return static_cast<int>(password.size());
}

int no_password(char*, int, int, void*) {
  return -1;
}

/// For OpenSSL the end of a PEM file is an error, for us it is not.
bool is_only_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  const bool is_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (is_end) ERR_clear_error();
  return is_end;
}

CertificatePointer next_certificate(BIO* bio) {
  return CertificatePointer(PEM_read_bio_X509_AUX(bio, nullptr, &no_password, nullptr));
}

/// `error` with a plainer reason than OpenSSL's, if there is one.
TlsError refused_key(const TlsContext::Options& options, TlsError error) {
  const Pem& pem = options.private_key;
  if (!has_part(pem, "PRIVATE KEY")) {
    return missing_part(Option::private_key, std::move(error.subject), pem, " private key",
                        "a certificate and no", "CERTIFICATE");
  }
  if (has_part(pem, "ENCRYPTED PRIVATE KEY") && !options.key_password) {
    error.reason = "is encrypted with a password";
  }
  ERR_clear_error();
  return error;
}

const TlsContext::Options& options_of(const SSL* ssl) {
  return static_cast<const TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0))->options();
}

int select_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned offered_size, void* wire) {
  const auto& ours = *static_cast<const std::string*>(wire);
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(
      &selected, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
      static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsContext::TlsContext(Options options) : options_(std::move(options)) {
  for (const std::string& protocol : options_.alpn) {
    alpn_wire_ += static_cast<char>(protocol.size());
    alpn_wire_ += protocol;
  }
}

void TlsContext::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

tl::expected<std::shared_ptr<const TlsContext>, TlsError> TlsContext::make(Options options) {
  ERR_clear_error();
  const std::shared_ptr<TlsContext> made(new TlsContext(std::move(options)));
  const bool is_server = made->options_.role == Role::server;
  made->context_.reset(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* const context = made->native();
  if (context == nullptr) return tl::unexpected(failure(Option::none, "TLS context"));
  SSL_CTX_set_ex_data(context, 0, made.get());
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle connection frees its record buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_dh_auto(context, 1);
  // Sessions are resumed by tickets, which clients keep; the server keeps no state.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (is_server) {
    const std::string& name = made->options_.session_name;
    SSL_CTX_set_session_id_context(
        context, reinterpret_cast<const unsigned char*>(name.data()),
        static_cast<unsigned>(std::min<std::size_t>(name.size(), SSL_MAX_SID_CTX_LENGTH)));
    limit_resumption(context);
  }

  using Step = Failure (TlsContext::*)() const;
  for (const Step step :
       {&TlsContext::set_versions, &TlsContext::set_ciphers, &TlsContext::set_certificate_chain,
        &TlsContext::set_private_key, &TlsContext::set_trust, &TlsContext::set_revocation,
        &TlsContext::set_alpn, &TlsContext::set_psk}) {
    if (auto error = (made.get()->*step)()) return tl::unexpected(std::move(*error));
  }
  made->set_key_log();
  return made;
}

TlsContext::Failure TlsContext::set_versions() const {
  if (SSL_CTX_set_min_proto_version(native(), io::native(options_.min_version)) == 1 &&
      SSL_CTX_set_max_proto_version(native(), io::native(options_.max_version)) == 1) {
    return std::nullopt;
  }
  return failure(Option::versions, "TLS version");
}

TlsContext::Failure TlsContext::set_ciphers() const {
  if (!options_.ciphers.empty() &&
      SSL_CTX_set_cipher_list(native(), options_.ciphers.c_str()) != 1) {
    return failure(Option::ciphers, "cipher list \"" + options_.ciphers + "\"");
  }
  if (!options_.ciphersuites.empty() &&
      SSL_CTX_set_ciphersuites(native(), options_.ciphersuites.c_str()) != 1) {
    return failure(Option::ciphersuites, "TLS 1.3 cipher suites \"" + options_.ciphersuites + "\"");
  }
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_certificate_chain() const {
  const Pem& pem = options_.certificate_chain;
  if (pem.is_empty()) return std::nullopt;
  const std::string subject = name_of(pem, "certificate");
  const auto bio = open(pem, Option::certificate_chain, subject);
  if (!bio) return bio.error();
  const CertificatePointer own = next_certificate(bio->get());
  if (!own && is_only_end_of_pem()) {
    return missing_part(Option::certificate_chain, subject, pem, " certificate",
                        "a private key and no", "PRIVATE KEY");
  }
  if (!own || SSL_CTX_use_certificate(native(), own.get()) != 1) {
    return failure(Option::certificate_chain, subject);
  }
  while (CertificatePointer next = next_certificate(bio->get())) {
    if (SSL_CTX_add0_chain_cert(native(), next.get()) != 1) {
      return failure(Option::certificate_chain, subject);
    }
    static_cast<void>(next.release());  // the context owns it now
  }
  if (!is_only_end_of_pem()) return failure(Option::certificate_chain, subject);
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_private_key() const {
  const Pem& pem = options_.private_key;
  if (pem.is_empty()) return std::nullopt;
  const std::string subject = name_of(pem, "private key");
  const auto bio = open(pem, Option::private_key, subject);
  if (!bio) return bio.error();
  const KeyPointer key(
      PEM_read_bio_PrivateKey(bio->get(), nullptr, &give_password,
                              const_cast<std::function<std::string()>*>(&options_.key_password)));
  if (!key) return refused_key(options_, failure(Option::private_key, subject));
  const X509* const own = SSL_CTX_get0_certificate(native());
  if (own != nullptr && X509_check_private_key(own, key.get()) != 1) {
    return failure(Option::private_key, subject,
                   "is not the key of " + name_of(options_.certificate_chain, "certificate"));
  }
  if (SSL_CTX_use_PrivateKey(native(), key.get()) != 1) {
    return failure(Option::private_key, subject);
  }
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_trust() const {
  const bool is_server = options_.role == Role::server;
  const int demand = is_server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(native(), options_.verify_peer ? SSL_VERIFY_PEER | demand : SSL_VERIFY_NONE,
                     nullptr);
  if (options_.ignore_dates) {
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native()), X509_V_FLAG_NO_CHECK_TIME);
  }
  if (options_.system_trust && SSL_CTX_set_default_verify_paths(native()) != 1) {
    return failure(Option::system_trust, "the system's certificate authorities");
  }
  if (!options_.ca_directory.empty() &&
      SSL_CTX_load_verify_dir(native(), options_.ca_directory.c_str()) != 1) {
    return failure(Option::ca_directory,
                   "directory of certificate authorities \"" + options_.ca_directory + "\"");
  }
  if (options_.ca.is_empty()) return std::nullopt;
  const std::string subject = name_of(options_.ca, "certificate authorities");
  const auto bio = open(options_.ca, Option::ca, subject);
  if (!bio) return bio.error();
  X509_STORE* const store = SSL_CTX_get_cert_store(native());
  bool found = false;
  while (const CertificatePointer authority = next_certificate(bio->get())) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return failure(Option::ca, subject);
    // Sends clients the authorities that a server accepts.
    if (is_server) SSL_CTX_add_client_CA(native(), authority.get());
    found = true;
  }
  if (!is_only_end_of_pem()) return failure(Option::ca, subject);
  if (!found) return failure(Option::ca, subject, "holds no certificate");
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_revocation() const {
  if (options_.revoked.is_empty()) return std::nullopt;
  const std::string subject = name_of(options_.revoked, "revocation list");
  const auto bio = open(options_.revoked, Option::revoked, subject);
  if (!bio) return bio.error();
  X509_STORE* const store = SSL_CTX_get_cert_store(native());
  bool found = false;
  while (const CrlPointer crl{PEM_read_bio_X509_CRL(bio->get(), nullptr, &no_password, nullptr)}) {
    if (X509_STORE_add_crl(store, crl.get()) != 1) return failure(Option::revoked, subject);
    found = true;
  }
  if (!is_only_end_of_pem()) return failure(Option::revoked, subject);
  if (!found) return failure(Option::revoked, subject, "holds no revocation list");
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_alpn() const {
  if (options_.alpn.empty()) return std::nullopt;
  for (const std::string& protocol : options_.alpn) {
    if (protocol.empty() || protocol.size() > alpn_name_limit) {
      return failure(Option::alpn, "ALPN protocol \"" + protocol + "\"", {});
    }
  }
  if (options_.role == Role::server) {
    SSL_CTX_set_alpn_select_cb(native(), &select_alpn, const_cast<std::string*>(&alpn_wire_));
    return std::nullopt;
  }
  const auto* const wire = reinterpret_cast<const unsigned char*>(alpn_wire_.data());
  if (SSL_CTX_set_alpn_protos(native(), wire, static_cast<unsigned>(alpn_wire_.size())) != 0) {
    return failure(Option::alpn, "ALPN");
  }
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_psk() const {
  if (options_.psk_of_client) {
    SSL_CTX_set_psk_client_callback(
        native(),
        [](SSL* ssl, const char* hint, char* identity, unsigned identity_size, unsigned char* key,
           unsigned key_size) -> unsigned {
          const auto psk = options_of(ssl).psk_of_client(hint == nullptr ? "" : hint);
          if (!psk || psk->identity.size() >= identity_size || psk->key.size() > key_size) return 0;
          std::memcpy(identity, psk->identity.c_str(), psk->identity.size() + 1);
          std::copy(psk->key.begin(), psk->key.end(), key);
          TlsStream::of(ssl).note_psk_identity(psk->identity);
          return static_cast<unsigned>(psk->key.size());
        });
  }
  if (options_.psk_of_server) {
    // A TLS 1.3 ticket does not contain the identity, which is required.
    SSL_CTX_set_num_tickets(native(), 0);
    SSL_CTX_set_psk_server_callback(
        native(), [](SSL* ssl, const char* identity, unsigned char* key, unsigned key_size) {
          const std::string_view name = identity == nullptr ? "" : identity;
          const auto found = options_of(ssl).psk_of_server(name);
          if (!found || found->size() > key_size) return 0U;
          std::copy(found->begin(), found->end(), key);
          TlsStream::of(ssl).note_psk_identity(name);
          return static_cast<unsigned>(found->size());
        });
  }
  if (!options_.psk_hint.empty() &&
      SSL_CTX_use_psk_identity_hint(native(), options_.psk_hint.c_str()) != 1) {
    return failure(Option::psk_hint, "PSK hint");
  }
  return std::nullopt;
}

void TlsContext::set_key_log() const {
  if (!options_.key_log) return;
  SSL_CTX_set_keylog_callback(
      native(), [](const SSL* ssl, const char* line) { options_of(ssl).key_log(line); });
}

}  // namespace mqtt::io

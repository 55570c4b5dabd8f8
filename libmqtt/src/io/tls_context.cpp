#include "mqtt/io/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
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

BioPointer open(const Pem& pem) {
  if (!pem.file.empty()) return BioPointer(BIO_new_file(pem.file.c_str(), "r"));
  return BioPointer(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
}

/// Why `open` did not succeed: the system's words alone, of all that OpenSSL says about it.
std::string cannot_open(const Pem& pem, const char* what) {
  unsigned long error = 0;
  while (const unsigned long next = ERR_get_error()) {
    if (error == 0 || ERR_SYSTEM_ERROR(next)) error = next;
  }
  const char* const reason = ERR_SYSTEM_ERROR(error) ? std::strerror(ERR_GET_REASON(error))
                                                     : ERR_reason_error_string(error);
  return "cannot read the " + name_of(pem, what) + ": " + (reason == nullptr ? "unknown" : reason);
}

/// OpenSSL would ask on the terminal if it were given no callback at all.
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

/// The end of a PEM file is an error to OpenSSL, unlike one to us.
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

tl::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::make(Options options) {
  ERR_clear_error();
  const std::shared_ptr<TlsContext> made(new TlsContext(std::move(options)));
  const bool is_server = made->options_.role == Role::server;
  made->context_.reset(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* const context = made->native();
  if (context == nullptr) return tl::unexpected(openssl_error("TLS context"));
  SSL_CTX_set_ex_data(context, 0, made.get());
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle connection gives its record buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_dh_auto(context, 1);
  // Sessions are resumed by tickets, which the client keeps; nothing is kept here for each.
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
       {&TlsContext::set_versions, &TlsContext::set_ciphers, &TlsContext::set_identity,
        &TlsContext::set_trust, &TlsContext::set_revocation, &TlsContext::set_alpn,
        &TlsContext::set_psk}) {
    if (auto failure = (made.get()->*step)()) return tl::unexpected(std::move(*failure));
  }
  made->set_key_log();
  return made;
}

TlsContext::Failure TlsContext::set_versions() const {
  if (SSL_CTX_set_min_proto_version(native(), io::native(options_.min_version)) == 1 &&
      SSL_CTX_set_max_proto_version(native(), io::native(options_.max_version)) == 1) {
    return std::nullopt;
  }
  return openssl_error("TLS version");
}

TlsContext::Failure TlsContext::set_ciphers() const {
  if (!options_.ciphers.empty() &&
      SSL_CTX_set_cipher_list(native(), options_.ciphers.c_str()) != 1) {
    return openssl_error("cipher list \"" + options_.ciphers + "\"");
  }
  if (!options_.ciphersuites.empty() &&
      SSL_CTX_set_ciphersuites(native(), options_.ciphersuites.c_str()) != 1) {
    return openssl_error("TLS 1.3 cipher suites \"" + options_.ciphersuites + "\"");
  }
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_identity() const {
  if (!options_.certificate_chain.is_empty()) {
    const std::string what = name_of(options_.certificate_chain, "certificate");
    const BioPointer bio = open(options_.certificate_chain);
    if (!bio) return cannot_open(options_.certificate_chain, "certificate");
    const CertificatePointer own = next_certificate(bio.get());
    if (!own || SSL_CTX_use_certificate(native(), own.get()) != 1) return openssl_error(what);
    while (CertificatePointer next = next_certificate(bio.get())) {
      if (SSL_CTX_add0_chain_cert(native(), next.get()) != 1) return openssl_error(what);
      static_cast<void>(next.release());  // the context owns it now
    }
    if (!is_only_end_of_pem()) return openssl_error(what);
  }
  if (!options_.private_key.is_empty()) {
    const std::string what = name_of(options_.private_key, "private key");
    const BioPointer bio = open(options_.private_key);
    if (!bio) return cannot_open(options_.private_key, "private key");
    const KeyPointer key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_password,
                                const_cast<std::function<std::string()>*>(&options_.key_password)));
    if (!key || SSL_CTX_use_PrivateKey(native(), key.get()) != 1) return openssl_error(what);
    if (SSL_CTX_check_private_key(native()) != 1) return openssl_error(what);
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
    return openssl_error("the system's certificate authorities");
  }
  if (!options_.ca_directory.empty() &&
      SSL_CTX_load_verify_dir(native(), options_.ca_directory.c_str()) != 1) {
    return openssl_error("directory of certificate authorities \"" + options_.ca_directory + "\"");
  }
  if (options_.ca.is_empty()) return std::nullopt;
  const std::string what = name_of(options_.ca, "certificate authorities");
  const BioPointer bio = open(options_.ca);
  if (!bio) return cannot_open(options_.ca, "certificate authorities");
  X509_STORE* const store = SSL_CTX_get_cert_store(native());
  bool found = false;
  while (const CertificatePointer authority = next_certificate(bio.get())) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return openssl_error(what);
    // Tells clients which certificates a server would accept.
    if (is_server) SSL_CTX_add_client_CA(native(), authority.get());
    found = true;
  }
  if (!found || !is_only_end_of_pem()) return openssl_error(what);
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_revocation() const {
  if (options_.revoked.is_empty()) return std::nullopt;
  const std::string what = name_of(options_.revoked, "revocation list");
  const BioPointer bio = open(options_.revoked);
  if (!bio) return cannot_open(options_.revoked, "revocation list");
  X509_STORE* const store = SSL_CTX_get_cert_store(native());
  bool found = false;
  while (const CrlPointer crl{PEM_read_bio_X509_CRL(bio.get(), nullptr, &no_password, nullptr)}) {
    if (X509_STORE_add_crl(store, crl.get()) != 1) return openssl_error(what);
    found = true;
  }
  if (!found || !is_only_end_of_pem()) return openssl_error(what);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return std::nullopt;
}

TlsContext::Failure TlsContext::set_alpn() const {
  if (options_.alpn.empty()) return std::nullopt;
  for (const std::string& protocol : options_.alpn) {
    if (protocol.empty() || protocol.size() > alpn_name_limit) {
      return "ALPN protocol \"" + protocol + "\"";
    }
  }
  if (options_.role == Role::server) {
    SSL_CTX_set_alpn_select_cb(native(), &select_alpn, const_cast<std::string*>(&alpn_wire_));
    return std::nullopt;
  }
  const auto* const wire = reinterpret_cast<const unsigned char*>(alpn_wire_.data());
  if (SSL_CTX_set_alpn_protos(native(), wire, static_cast<unsigned>(alpn_wire_.size())) != 0) {
    return openssl_error("ALPN");
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
    // A ticket of TLS 1.3 does not carry the identity, without which nobody shall come in.
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
    return openssl_error("PSK hint");
  }
  return std::nullopt;
}

void TlsContext::set_key_log() const {
  if (!options_.key_log) return;
  SSL_CTX_set_keylog_callback(
      native(), [](const SSL* ssl, const char* line) { options_of(ssl).key_log(line); });
}

}  // namespace mqtt::io

#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace mqtt::io {

enum class TlsVersion : std::uint8_t { tls_1_1, tls_1_2, tls_1_3 };

/// PEM text: from a file, or from memory; neither: nothing.
struct Pem {
  std::string file;
  std::string text;
  bool is_empty() const { return file.empty() && text.empty(); }
};

/// A shared secret and its identity.
struct TlsPsk {
  std::string identity;
  std::vector<std::uint8_t> key;
};

/// Why a TlsContext cannot be created.
struct TlsError {
  /// The affected option of TlsContext.
  enum class Option : std::uint8_t {
    none,
    versions,
    ciphers,
    ciphersuites,
    certificate_chain,
    private_key,
    system_trust,
    ca,
    ca_directory,
    revoked,
    alpn,
    psk_hint,
  };
  Option option = Option::none;
  std::string subject;     ///< the unusable item, such as `certificate "server.pem"`
  std::string reason;      ///< may be empty
  int file_error = 0;      ///< errno of a file that cannot be opened; 0: none
  bool exchanged = false;  ///< a key instead of the certificate, or vice versa

  std::string text() const {
    const std::string what = file_error != 0 ? "cannot read the " + subject : subject;
    return reason.empty() ? what : what + ": " + reason;
  }
};

/// The shared settings of TLS connections: certificates, keys, trust, versions, ciphers. Immutable,
/// so that connections on all threads can share one; new certificates need a new context, which
/// applies to later connections. The functions among the options are called on any of these
/// threads.
class TlsContext {
 public:
  enum class Role : std::uint8_t { client, server };

  struct Options {
    Role role = Role::client;

    // This side's identity.
    Pem certificate_chain;  ///< own certificate first, then intermediate ones
    Pem private_key;
    /// Returns the password of an encrypted key; without it such a key is an error.
    std::function<std::string()> key_password;

    // Trust.
    /// A client verifies the server; a server demands a client certificate and verifies it.
    bool verify_peer = false;
    Pem ca;                     ///< trusted authorities
    std::string ca_directory;   ///< the same, a directory with names by hash
    bool system_trust = false;  ///< and those of the operating system
    Pem revoked;                ///< revocation list, checked for the peer's own certificate
    bool ignore_dates = false;  ///< accept expired and not yet valid peer certificates

    // Versions and ciphers.
    TlsVersion min_version = TlsVersion::tls_1_2;
    TlsVersion max_version = TlsVersion::tls_1_3;
    std::string ciphers;  ///< OpenSSL's cipher list for TLS up to 1.2; empty: OpenSSL's default
    std::string ciphersuites;  ///< the same for TLS 1.3

    /// Application protocols (ALPN) by preference. A server without a common one continues
    /// without ALPN.
    std::vector<std::string> alpn;

    // Pre-shared keys. They come in addition to certificates; without a certificate the cipher list
    // should allow nothing else.
    /// Client: what to offer, given the server's hint (empty in TLS 1.3).
    std::function<std::optional<TlsPsk>(std::string_view hint)> psk_of_client;
    /// Server: the key of an identity; nullopt refuses.
    std::function<std::optional<std::vector<std::uint8_t>>(std::string_view identity)>
        psk_of_server;
    std::string psk_hint;

    /// Receives each connection's secrets as lines in NSS key log format, for network analysers.
    std::function<void(std::string_view line)> key_log;

    /// Server: the session id context (at most 32 bytes). Sessions are resumed only with this
    /// context, and not longer than the client's authentication is valid, at most one day.
    std::string session_name = "mqtt";
  };

  static tl::expected<std::shared_ptr<const TlsContext>, TlsError> make(Options options);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const Options& options() const { return options_; }
  SSL_CTX* native() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };

  explicit TlsContext(Options options);

  // Each sets up one part and returns the error, if any.
  using Failure = std::optional<TlsError>;
  Failure set_versions() const;
  Failure set_ciphers() const;
  Failure set_certificate_chain() const;
  Failure set_private_key() const;
  Failure set_trust() const;
  Failure set_revocation() const;
  Failure set_alpn() const;
  Failure set_psk() const;
  void set_key_log() const;

  Options options_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::string alpn_wire_;  // as on the wire: each name after its length
};

}  // namespace mqtt::io

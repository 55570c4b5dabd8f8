#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/io/stream_layer.h"
#include "mqtt/io/tls_context.h"

namespace mqtt::io {

/// For a later connection to the same server, to resume the session. May be used on any
/// thread.
using TlsSession = std::shared_ptr<SSL_SESSION>;

/// The names in the peer's certificate.
struct PeerCertificate {
  /// The first common name, in UTF-8. It may contain anything, U+0000 too.
  std::optional<std::string> common_name;
  /// The whole subject in RFC 2253 form: "CN=device,O=Company".
  std::string subject;
};

/// TLS over any stream. OpenSSL reads the bytes that the stream below lends and writes to it
/// directly; it has buffers only while a record is being processed.
class TlsStream final : public StreamLayer {
 public:
  using Pointer = std::unique_ptr<TlsStream, StreamDeleter>;

  /// The side that waits for the handshake. `below` has not been started.
  static Pointer server(Loop& loop, StreamPtr below, std::shared_ptr<const TlsContext> context);

  struct ClientOptions {
    /// The expected server name: sent (SNI) unless it is an IP address, and verified if the context
    /// verifies certificates.
    std::string server_name;
    /// False: accept any name in a certificate of the trusted authorities.
    bool verify_name = true;
    TlsSession session;  ///< of an earlier connection; nullptr: none
    /// Not empty: called with the duration of the handshake, just before `on_open`.
    std::function<void(std::chrono::nanoseconds)> on_handshake = {};
  };
  static Pointer client(Loop& loop, StreamPtr below, std::shared_ptr<const TlsContext> context,
                        const ClientOptions& options);

  const TlsStream* tls() const override { return this; }

  // Once open. The pointer is valid as long as the stream's stack; a stream that was attached
  // elsewhere is another object.

  std::string version() const;  ///< such as "TLSv1.3"
  std::string cipher() const;
  std::string alpn() const;          ///< empty: none was negotiated
  std::string psk_identity() const;  ///< empty: no pre-shared key was used
  std::optional<PeerCertificate> peer_certificate() const;
  std::string peer_certificate_pem() const;  ///< empty: the peer presented none
  bool is_resumed() const;
  /// For a client, after the first data was received; nullptr: the server offers no resumption.
  TlsSession session() const;

 private:
  friend class TlsContext;
  class Detached;
  struct Free {
    void operator()(SSL* ssl) const;
  };
  struct HandshakeWatch {
    std::function<void(std::chrono::nanoseconds)> told;
    std::chrono::steady_clock::time_point begin;
  };
  /// Everything except the stream below: moves with the stream.
  struct Connection {
    std::shared_ptr<const TlsContext> context;
    std::unique_ptr<SSL, Free> ssl;
    std::string psk_identity;
    std::string failure;                    // why there is no `ssl`
    std::unique_ptr<HandshakeWatch> watch;  // until the handshake is complete, if requested
  };

  TlsStream(Loop& loop, StreamPtr below, Connection connection);
  TlsStream(Loop& loop, StreamPtr below, Connection connection, std::vector<std::uint8_t> unread);
  ~TlsStream() override;

  static Connection make_connection(std::shared_ptr<const TlsContext> context);
  /// False: OpenSSL's error queue has the reason.
  static bool set_up_client(SSL* ssl, const ClientOptions& options);
  static const BIO_METHOD* bio_method();
  static int bio_read(BIO* bio, char* out, int size);
  static int bio_write(BIO* bio, const char* bytes, int size);
  static TlsStream& of(const SSL* ssl);
  void note_psk_identity(std::string_view identity) { connection_.psk_identity = identity; }
  /// Connects OpenSSL's I/O to this object.
  void bind();

  void begin() override;
  void on_input() override;
  std::size_t encode(std::span<const ByteView> buffers) override;
  void say_farewell() override;
  bool is_farewell_answered() const override { return true; }
  StreamEnd end_from_below(const StreamEnd& end) const override;
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override;

  bool may_take_hello();
  void shake_hands();
  void read();
  bool write_record(ByteView plain);
  void on_failure(int result);

  Connection connection_;
  bool hello_judged_ = false;  ///< for a server: the length of the ClientHello was checked
};

}  // namespace mqtt::io

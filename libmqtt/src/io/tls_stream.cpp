#include "mqtt/io/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <utility>

#include "buffer_cursor.h"
#include "mqtt/io/socket_address.h"
#include "openssl_error.h"
#include "openssl_pointer.h"

namespace mqtt::io {
namespace {

using BioPointer = OpensslPointer<BIO, &BIO_free>;
using CertificatePointer = OpensslPointer<X509, &X509_free>;

/// The maximum size of a record, and so of one SSL_read.
constexpr std::size_t record_size = SSL3_RT_MAX_PLAIN_LENGTH;

/// OpenSSL allocates memory for a ClientHello as soon as its length is announced, up to 128 KiB.
/// Real ones have a few hundred bytes, with a ticket or a post-quantum key a few thousand.
constexpr std::size_t client_hello_limit = 16'384;

enum class HelloVerdict : std::uint8_t { need_more, fits, too_long };

/// Checks the first bytes of a client: the header of a record, then that of a handshake message.
/// Data that is not TLS `fits`: OpenSSL reports what is wrong with it.
HelloVerdict judge_client_hello(ByteView bytes) {
  constexpr std::size_t record_header = 5;
  constexpr std::size_t message_header = 4;
  if (bytes[0] != SSL3_RT_HANDSHAKE) return HelloVerdict::fits;
  if (bytes.size() < record_header) return HelloVerdict::need_more;
  const std::size_t record = static_cast<std::size_t>(bytes[3]) << 8U | bytes[4];
  if (record < message_header) return HelloVerdict::too_long;  // or its length would be unseen
  if (bytes.size() < record_header + message_header) return HelloVerdict::need_more;
  const std::size_t length = static_cast<std::size_t>(bytes[6]) << 16U |
                             static_cast<std::size_t>(bytes[7]) << 8U | bytes[8];
  return length > client_hello_limit ? HelloVerdict::too_long : HelloVerdict::fits;
}

/// The content of the next record: small buffers share one, copied into `scratch`; large ones are
/// not combined.
ByteView next_record(BufferCursor& cursor, std::span<std::uint8_t, record_size> scratch) {
  if (cursor.is_in_last() || cursor.front().size() >= record_size) return cursor.take(record_size);
  std::size_t size = 0;
  while (!cursor.is_at_end() && size < record_size) {
    const ByteView part = cursor.take(record_size - size);
    std::copy(part.begin(), part.end(), scratch.subspan(size).begin());
    size += part.size();
  }
  return scratch.first(size);
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::optional<std::string> common_name_of(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return std::nullopt;
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) return std::nullopt;
  std::string common_name(text, text + size);
  OPENSSL_free(text);
  return common_name;
}

}  // namespace

void TlsStream::Free::operator()(SSL* ssl) const {
  // Otherwise a broken connection would invalidate its session, which the client wants to resume.
  // After a TLS error OpenSSL has already invalidated it.
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

/// A TLS connection between two loops: OpenSSL's object has neither loop nor thread.
class TlsStream::Detached final : public DetachedStream {
 public:
  Detached(std::unique_ptr<DetachedStream> below, Connection connection,
           std::vector<std::uint8_t> unread)
      : below_(std::move(below)), connection_(std::move(connection)), unread_(std::move(unread)) {}

  StreamPtr attach(Loop& loop) override {
    return StreamPtr(
        new TlsStream(loop, below_->attach(loop), std::move(connection_), std::move(unread_)));
  }

 private:
  std::unique_ptr<DetachedStream> below_;
  Connection connection_;
  std::vector<std::uint8_t> unread_;
};

// OpenSSL's way to the stream below, both ways: lent bytes in, `send` out.

const BIO_METHOD* TlsStream::bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    BIO_meth_set_read(made, &TlsStream::bio_read);
    BIO_meth_set_write(made, &TlsStream::bio_write);
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH ? 1 : 0;
    });
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

int TlsStream::bio_read(BIO* bio, char* out, int size) {
  auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::size_t count = std::min(stream.input().size(), static_cast<std::size_t>(size));
  if (count == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::copy_n(stream.input().begin(), count, out);
  stream.take_input(count);
  return static_cast<int>(count);
}

int TlsStream::bio_write(BIO* bio, const char* bytes, int size) {
  auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  // Only a peer that provokes answers without reading them gets here.
  if (stream.unsent() > write_buffer_limit) return -1;
  stream.send(as_bytes({bytes, static_cast<std::size_t>(size)}));
  return size;
}

// Making.

TlsStream::Connection TlsStream::make_connection(std::shared_ptr<const TlsContext> context) {
  ERR_clear_error();
  Connection connection;
  connection.context = std::move(context);
  connection.ssl.reset(SSL_new(connection.context->native()));
  BioPointer bio(BIO_new(bio_method()));
  if (!connection.ssl || !bio) {
    connection.failure = openssl_error("TLS");
    connection.ssl.reset();
    return connection;
  }
  SSL_set_bio(connection.ssl.get(), bio.get(), bio.get());
  static_cast<void>(bio.release());  // OpenSSL's now
  return connection;
}

TlsStream::Pointer TlsStream::server(Loop& loop, StreamPtr below,
                                     std::shared_ptr<const TlsContext> context) {
  Connection connection = make_connection(std::move(context));
  if (connection.ssl) SSL_set_accept_state(connection.ssl.get());
  return Pointer(new TlsStream(loop, std::move(below), std::move(connection)));
}

TlsStream::Pointer TlsStream::client(Loop& loop, StreamPtr below,
                                     std::shared_ptr<const TlsContext> context,
                                     const ClientOptions& options) {
  Connection connection = make_connection(std::move(context));
  if (options.on_handshake) {
    connection.watch = std::make_unique<HandshakeWatch>(HandshakeWatch{options.on_handshake, {}});
  }
  if (connection.ssl) {
    SSL_set_connect_state(connection.ssl.get());
    if (!set_up_client(connection.ssl.get(), options)) {
      connection.failure = openssl_error("TLS server name \"" + options.server_name + "\"");
      connection.ssl.reset();
    }
  }
  return Pointer(new TlsStream(loop, std::move(below), std::move(connection)));
}

bool TlsStream::set_up_client(SSL* ssl, const ClientOptions& options) {
  const char* const name = options.server_name.c_str();
  const bool is_address = SocketAddress::parse(options.server_name, 0).has_value();
  const bool is_name = !options.server_name.empty() && !is_address;
  if (is_name && SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                          const_cast<char*>(name)) != 1) {
    return false;
  }
  if (options.verify_name) {
    if (is_name && SSL_set1_host(ssl, name) != 1) return false;
    if (is_address && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) != 1) return false;
  }
  return options.session == nullptr || SSL_set_session(ssl, options.session.get()) == 1;
}

TlsStream::TlsStream(Loop& loop, StreamPtr below, Connection connection)
    : StreamLayer(loop, std::move(below)), connection_(std::move(connection)) {
  bind();
}

TlsStream::TlsStream(Loop& loop, StreamPtr below, Connection connection,
                     std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below), std::move(unread)), connection_(std::move(connection)) {
  bind();
}

TlsStream::~TlsStream() = default;

void TlsStream::bind() {
  if (!connection_.ssl) return;
  SSL_set_app_data(connection_.ssl.get(), this);
  BIO_set_data(SSL_get_rbio(connection_.ssl.get()), this);
}

TlsStream& TlsStream::of(const SSL* ssl) {
  return *static_cast<TlsStream*>(SSL_get_app_data(ssl));
}

// Carrying.

void TlsStream::begin() {
  if (!connection_.ssl) return leave({StreamEnd::Cause::error, connection_.failure});
  if (connection_.watch) connection_.watch->begin = std::chrono::steady_clock::now();
  shake_hands();
}

void TlsStream::on_input() {
  if (state() == State::opening) {
    if (SSL_is_server(connection_.ssl.get()) == 1 && !may_take_hello()) return;
    // A server may have hundreds of handshakes at once, which must not delay other clients.
    if (SSL_is_server(connection_.ssl.get()) == 1 && !is_costly_turn()) return put_off_input();
    shake_hands();
  }
  if (state() == State::open) return read();
  // The handshake is incomplete, or close_notify was sent and no answer is needed.
  take_input(input().size());
}

/// For a server. An incomplete beginning of the ClientHello stays in `input`.
bool TlsStream::may_take_hello() {
  if (hello_judged_ || input().empty()) return true;
  const HelloVerdict verdict = judge_client_hello(input());
  if (verdict == HelloVerdict::too_long) {
    take_input(input().size());
    leave({StreamEnd::Cause::protocol, "TLS: the ClientHello is too long"});
  }
  hello_judged_ = verdict == HelloVerdict::fits;
  return hello_judged_;
}

void TlsStream::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.ssl.get());
  if (result != 1) return on_failure(result);
  if (const auto watch = std::move(connection_.watch)) {
    watch->told(std::chrono::steady_clock::now() - watch->begin);
  }
  opened();
}

void TlsStream::read() {
  std::array<std::uint8_t, record_size> plain;  // NOLINT(*-member-init)
  while (wants_input() && state() == State::open) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(connection_.ssl.get(), plain.data(), plain.size(), &size);
    if (result != 1) return on_failure(result);
    deliver({plain.data(), size});
  }
}

/// An OpenSSL operation did not succeed: it needs more input, or the stream ends.
void TlsStream::on_failure(int result) {
  SSL* const ssl = connection_.ssl.get();
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      say_farewell();
      return leave({StreamEnd::Cause::closed_by_peer, ""});
    default:
      break;
  }
  const bool is_about_certificate =
      ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  const bool is_no_tls = state() == State::opening &&
                         ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER;
  std::string text = openssl_error("TLS");
  if (is_no_tls) text += " (the other side does not seem to speak TLS)";
  if (is_about_certificate) {
    text.append(": ").append(X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
  }
  leave({StreamEnd::Cause::protocol, std::move(text)});
}

std::size_t TlsStream::encode(std::span<const ByteView> buffers) {
  std::array<std::uint8_t, record_size> scratch;  // NOLINT(*-member-init)
  BufferCursor cursor(buffers);
  std::size_t taken = 0;
  while (!cursor.is_at_end() && unsent() == 0 && state() == State::open) {
    const ByteView plain = next_record(cursor, scratch);
    if (!write_record(plain)) break;
    taken += plain.size();
  }
  return taken;
}

/// One record, which the stream below or `unsent` always accepts.
bool TlsStream::write_record(ByteView plain) {
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_write_ex(connection_.ssl.get(), plain.data(), plain.size(), &size);
  if (result != 1) on_failure(result);
  return result == 1;
}

// Ending.

void TlsStream::say_farewell() {
  ERR_clear_error();
  SSL_shutdown(connection_.ssl.get());
}

StreamEnd TlsStream::end_from_below(const StreamEnd& end) const {
  if (end.cause != StreamEnd::Cause::closed_by_peer) return end;
  if (state() == State::opening) {
    return {StreamEnd::Cause::error, "TLS: connection closed during the handshake"};
  }
  return {StreamEnd::Cause::error, "TLS: connection closed without close_notify"};
}

std::unique_ptr<DetachedStream> TlsStream::make_detached(std::unique_ptr<DetachedStream> below,
                                                         std::vector<std::uint8_t> unread) {
  return std::make_unique<Detached>(std::move(below), std::move(connection_), std::move(unread));
}

// Telling.

std::string TlsStream::version() const {
  return SSL_get_version(connection_.ssl.get());
}

std::string TlsStream::cipher() const {
  const char* const name = SSL_get_cipher_name(connection_.ssl.get());
  return name == nullptr ? "" : name;
}

std::string TlsStream::alpn() const {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.ssl.get(), &protocol, &size);
  return protocol == nullptr ? std::string() : std::string(protocol, protocol + size);
}

std::string TlsStream::psk_identity() const {
  if (!connection_.psk_identity.empty()) return connection_.psk_identity;
  const char* const resumed = SSL_get_psk_identity(connection_.ssl.get());
  return resumed == nullptr ? "" : resumed;
}

std::optional<PeerCertificate> TlsStream::peer_certificate() const {
  const X509* const certificate = SSL_get0_peer_certificate(connection_.ssl.get());
  if (certificate == nullptr) return std::nullopt;
  const X509_NAME* const name = X509_get_subject_name(certificate);
  const BioPointer subject(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(subject.get(), name, 0, XN_FLAG_RFC2253);
  return PeerCertificate{common_name_of(name), text_of(subject.get())};
}

std::string TlsStream::peer_certificate_pem() const {
  X509* const certificate = SSL_get0_peer_certificate(connection_.ssl.get());
  if (certificate == nullptr) return {};
  const BioPointer pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate);
  return text_of(pem.get());
}

bool TlsStream::is_resumed() const {
  return SSL_session_reused(connection_.ssl.get()) == 1;
}

TlsSession TlsStream::session() const {
  SSL_SESSION* const session = SSL_get1_session(connection_.ssl.get());
  if (session == nullptr || SSL_SESSION_is_resumable(session) != 1) {
    SSL_SESSION_free(session);
    return nullptr;
  }
  return {session, &SSL_SESSION_free};
}

}  // namespace mqtt::io

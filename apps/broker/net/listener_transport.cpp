#include "net/listener_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/tls_key_log.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/io/unix_stream.h"
#include "net/connection.h"

namespace broker {
namespace {

using mqtt::io::TlsContext;
using mqtt::io::TlsVersion;

/// What the layers keep of a handshake that is not complete, in bytes.
constexpr std::uint32_t proxy_header_bytes = 1024;
constexpr std::uint32_t tls_handshake_bytes = 65'536;
/// OpenSSL takes chains of client certificates up to this size.
constexpr std::uint32_t client_certificates_bytes = 102'400;
/// The fields of an HTTP head, beside their text, which may take twice its size.
constexpr std::uint32_t http_fields_bytes = 8192;

/// Without weak ciphers, and without those that prove nobody's identity.
constexpr const char* default_ciphers = "DEFAULT:!aNULL:!eNULL:!LOW:!EXPORT:@STRENGTH";

TlsVersion oldest_version(OldestTls oldest) {
  switch (oldest) {
    case OldestTls::tlsv1_1:
      return TlsVersion::tls_1_1;
    case OldestTls::tlsv1_3:
      return TlsVersion::tls_1_3;
    case OldestTls::tlsv1_2:
      break;
  }
  return TlsVersion::tls_1_2;
}

/// Sessions are resumed on the listener that began them: another one may ask for more.
std::string session_name(const ListenerConfig& listener) {
  if (listener.unix_path.empty()) return fmt::format("mqtt-{}", listener.port);
  const std::string& path = listener.unix_path;
  return path.substr(path.size() - std::min<std::size_t>(path.size(), 32));
}

TlsContext::Options tls_options(const ListenerConfig& listener,
                                std::shared_ptr<const PskFile> keys) {
  const TlsConfig& tls = listener.tls;
  TlsContext::Options options;
  options.role = TlsContext::Role::server;
  options.certificate_chain.file = tls.certificate_file;
  options.private_key.file = tls.key_file;
  options.verify_peer = tls.require_certificate && !tls.psk_hint;
  options.ca.file = tls.ca_file;
  options.ca_directory = tls.ca_directory;
  options.revoked.file = tls.revoked_file;
  options.ignore_dates = tls.ignore_dates;
  options.min_version = oldest_version(tls.oldest);
  options.ciphers = tls.ciphers.empty() ? default_ciphers : tls.ciphers;
  options.ciphersuites = tls.ciphersuites;
  options.session_name = session_name(listener);
  if (tls.psk_hint) {
    options.psk_hint = *tls.psk_hint;
    options.psk_of_server = [keys = std::move(keys)](std::string_view identity) {
      return keys ? keys->key(identity) : std::nullopt;
    };
  }
  return options;
}

/// What the TLS that the listener speaks itself asks of certificates, it asks itself.
std::optional<mqtt::io::ProxyRules> proxy_rules(const ListenerConfig& listener) {
  using mqtt::io::ProxyVersion;
  switch (listener.proxy_protocol) {
    case ProxyProtocol::off:
      return std::nullopt;
    case ProxyProtocol::v1:
      return mqtt::io::ProxyRules{ProxyVersion::v1, false, false};
    case ProxyProtocol::v2:
      break;
  }
  const bool require_certificate = listener.tls.require_certificate && !listener.tls.enabled();
  return mqtt::io::ProxyRules{ProxyVersion::v2, listener.proxy_requires_tls, require_certificate};
}

mqtt::io::WebSocketServerOptions web_socket_options(const Config& config,
                                                    const ListenerConfig& listener) {
  mqtt::io::WebSocketServerOptions options;
  // A request of a browser takes some hundred bytes, whatever was configured.
  options.head_size_limit = std::max<std::size_t>(config.max_upgrade_request_bytes, 1024);
  if (!listener.websockets_origins.empty()) {
    options.allows_origin = [origins = listener.websockets_origins](std::string_view origin) {
      return std::ranges::find(origins, origin) != origins.end();
    };
  }
  return options;
}

}  // namespace

tl::expected<std::shared_ptr<const ListenerTransport>, std::string> ListenerTransport::make(
    const Config& config, const ListenerConfig& listener, std::shared_ptr<const PskFile> keys) {
  std::shared_ptr<ListenerTransport> transport(new ListenerTransport);
  transport->unix_socket_ = !listener.unix_path.empty();
  transport->no_delay_ = config.set_tcp_nodelay;
  transport->proxy_ = proxy_rules(listener);
  if (listener.tls.enabled()) {
    TlsContext::Options options = tls_options(listener, std::move(keys));
    if (const std::string& path = config.tls_key_log_file; !path.empty()) {
      const auto log = mqtt::io::TlsKeyLog::open(path);
      if (!log) return tl::unexpected(fmt::format("--tls-keylog {}: {}", path, log.error()));
      options.key_log = [log = *log](std::string_view line) { log->write(line); };
    }
    transport->verifies_clients_ = options.verify_peer;
    auto context = TlsContext::make(std::move(options));
    if (!context) return tl::unexpected(context.error());
    transport->tls_ = std::move(*context);
  }
  if (listener.protocol == ListenerProtocol::websockets) {
    transport->web_socket_ = std::make_shared<const mqtt::io::WebSocketServerOptions>(
        web_socket_options(config, listener));
  }
  return transport;
}

mqtt::io::StreamPtr ListenerTransport::open(mqtt::io::Loop& loop, int fd) const {
  using namespace mqtt::io;
  StreamPtr stream =
      unix_socket_ ? UnixStream::accept(loop, fd) : TcpStream::accept(loop, fd, {no_delay_});
  if (proxy_) stream = ProxyStream::server(loop, std::move(stream), *proxy_);
  if (tls_) stream = TlsStream::server(loop, std::move(stream), tls_);
  if (web_socket_) stream = WebSocketStream::server(loop, std::move(stream), web_socket_);
  return stream;
}

std::uint32_t ListenerTransport::opening_bytes() const {
  std::uint32_t bytes = Connection::bytes_when_open;
  if (proxy_) bytes += proxy_header_bytes;
  if (tls_) bytes += tls_handshake_bytes;
  if (verifies_clients_) bytes += client_certificates_bytes;
  if (web_socket_)
    bytes += http_fields_bytes + 2 * static_cast<std::uint32_t>(web_socket_->head_size_limit);
  return bytes;
}

}  // namespace broker

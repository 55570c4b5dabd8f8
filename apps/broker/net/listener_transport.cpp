#include "net/listener_transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <utility>

#include "config/file_access.h"
#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/tls_key_log.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/io/unix_stream.h"
#include "net/opening_budget.h"

namespace broker {
namespace {

using mqtt::io::TlsContext;
using mqtt::io::TlsError;
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

struct KeyAndValue {
  std::string_view key;
  std::string value;
};

/// The key of the configuration that an option of the TLS context comes from.
KeyAndValue key_of(const TlsConfig& tls, TlsError::Option option) {
  switch (option) {
    case TlsError::Option::versions:
      return {"tls_version", {}};
    case TlsError::Option::ciphers:
      return {"ciphers", tls.ciphers};
    case TlsError::Option::ciphersuites:
      return {"ciphers_tls1.3", tls.ciphersuites};
    case TlsError::Option::certificate_chain:
      return {"certfile", tls.certificate_file};
    case TlsError::Option::private_key:
      return {"keyfile", tls.key_file};
    case TlsError::Option::ca:
      return {"cafile", tls.ca_file};
    case TlsError::Option::ca_directory:
      return {"capath", tls.ca_directory};
    case TlsError::Option::revoked:
      return {"crlfile", tls.revoked_file};
    case TlsError::Option::psk_hint:
      return {"psk_hint", tls.psk_hint.value_or("")};
    case TlsError::Option::none:
    case TlsError::Option::system_trust:
    case TlsError::Option::alpn:
      break;
  }
  return {"listener", {}};
}

/// All at once: OpenSSL would stop at the first.
std::vector<ConfigError> unreadable_files(const ListenerConfig& listener) {
  const TlsConfig& tls = listener.tls;
  const std::initializer_list<std::pair<std::string_view, const std::string&>> files{
      {"certfile", tls.certificate_file},
      {"keyfile", tls.key_file},
      {"cafile", tls.ca_file},
      {"crlfile", tls.revoked_file}};
  std::vector<ConfigError> errors;
  for (const auto& [key, path] : files) {
    if (path.empty() || ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) continue;
    const FileRefusal refusal = explain_refusal(path, errno, FileUse::read);
    errors.push_back(
        not_usable(key, listener.written.find(key), path, refusal.reason, refusal.hint));
  }
  return errors;
}

ConfigError as_config_error(const ListenerConfig& listener, const TlsError& error) {
  KeyAndValue of = key_of(listener.tls, error.option);
  FileRefusal refusal{error.reason};
  if (error.file_error != 0) refusal = explain_refusal(of.value, error.file_error, FileUse::read);
  if (error.exchanged) refusal.hint = "are certfile and keyfile exchanged?";
  if (of.key == "listener") {
    of.value = name(listener);
    refusal.reason = error.text();
  }
  return not_usable(of.key, listener.written.find(of.key), std::move(of.value),
                    std::move(refusal.reason), std::move(refusal.hint));
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

tl::expected<std::shared_ptr<const ListenerTransport>, std::vector<ConfigError>>
ListenerTransport::make(const Config& config, const ListenerConfig& listener,
                        std::shared_ptr<const PskFile> keys) {
  using Errors = std::vector<ConfigError>;
  std::shared_ptr<ListenerTransport> transport(new ListenerTransport);
  transport->unix_socket_ = !listener.unix_path.empty();
  transport->no_delay_ = config.set_tcp_nodelay;
  transport->proxy_ = proxy_rules(listener);
  if (listener.tls.enabled()) {
    if (Errors errors = unreadable_files(listener); !errors.empty()) {
      return tl::unexpected(std::move(errors));
    }
    TlsContext::Options options = tls_options(listener, std::move(keys));
    if (const std::string& path = config.tls_key_log_file; !path.empty()) {
      const auto log = mqtt::io::TlsKeyLog::open(path);
      if (!log) return tl::unexpected(Errors{not_usable("--tls-keylog", {}, path, log.error())});
      options.key_log = [log = *log](std::string_view line) { log->write(line); };
    }
    transport->verifies_clients_ = options.verify_peer;
    auto context = TlsContext::make(std::move(options));
    if (!context) return tl::unexpected(Errors{as_config_error(listener, context.error())});
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
  std::uint32_t bytes = OpeningShare::bytes_when_open;
  if (proxy_) bytes += proxy_header_bytes;
  if (tls_) bytes += tls_handshake_bytes;
  if (verifies_clients_) bytes += client_certificates_bytes;
  if (web_socket_)
    bytes += http_fields_bytes + 2 * static_cast<std::uint32_t>(web_socket_->head_size_limit);
  return bytes;
}

}  // namespace broker

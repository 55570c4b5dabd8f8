#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/origins.h"
#include "log/log_settings.h"
#include "mqtt/protocol/qos.h"

namespace broker {

/// The configuration as the broker uses it: plain values, checked, with the defaults that hold when
/// nothing is written. In every limit 0 means "no limit" unless the member says otherwise.
/// A Config is made before the workers start and by a reload; it is never changed in place.

enum class SocketDomain : std::uint8_t { any, ipv4, ipv6 };

/// What happens to a message for a session whose queue is full.
enum class QueueOverflow : std::uint8_t {
  drop_new,   ///< the arriving message is dropped
  drop_old,   ///< the oldest queued message is dropped for it
  disconnect  ///< a connected client is disconnected (0x97); for an offline one as drop_new
};

/// Which worker takes a new connection, unless its client identifier is on another one already.
enum class Placement : std::uint8_t {
  fill,   ///< the first worker that is not full: messages stay on one thread while it suffices
  spread  ///< one worker after the other
};

/// What clients speak above TCP and TLS.
enum class ListenerProtocol : std::uint8_t { mqtt, websockets };

/// The header that a proxy writes in front of each connection (PROXY protocol), by its version.
enum class ProxyProtocol : std::uint8_t { off, v1, v2 };

/// The oldest version of TLS that a listener takes.
enum class OldestTls : std::uint8_t { tlsv1_1, tlsv1_2, tlsv1_3 };

/// How a listener encrypts. With neither a certificate nor a hint it does not.
struct TlsConfig {
  std::string certificate_file;  ///< PEM chain; needs key_file
  std::string key_file;
  std::string ca_file;       ///< authorities that client certificates are verified by
  std::string ca_directory;  ///< the same, a directory with names by hash
  std::string revoked_file;  ///< revocation list for client certificates
  bool require_certificate = false;
  bool ignore_dates = false;  ///< of client certificates
  OldestTls oldest = OldestTls::tlsv1_2;
  std::string ciphers;       ///< up to TLS 1.2; empty: OpenSSL's default without weak ones
  std::string ciphersuites;  ///< TLS 1.3; empty: OpenSSL's default
  std::optional<std::string> psk_hint;  ///< set: pre-shared keys, of Config::psk_file

  bool identity_is_user_name = false;  ///< common name of the certificate, or name of the key
  bool subject_is_user_name = false;   ///< subject of the certificate, as RFC 2253 writes it

  bool enabled() const { return !certificate_file.empty() || psk_hint.has_value(); }
  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

/// Which protocol versions may connect: a set of the bytes that CONNECT carries.
struct AcceptedVersions {
  bool v31 = true;
  bool v311 = true;
  bool v5 = true;

  friend bool operator==(const AcceptedVersions&, const AcceptedVersions&) = default;
};

/// One `listener`, or one of the two sockets of local-only mode.
struct ListenerConfig {
  std::uint16_t port = 1883;
  std::string
      host;  ///< name or address; empty: all addresses, IPv4 and IPv6 each on its own socket
  std::string unix_path;  ///< not empty: a Unix socket, and the port is 0
  SocketDomain socket_domain = SocketDomain::any;
  std::string bind_interface;  ///< not empty: only this network interface's addresses
  ListenerProtocol protocol = ListenerProtocol::mqtt;
  std::vector<std::string> websockets_origins;  ///< that browsers may come from; empty: all
  AcceptedVersions accepted_versions;
  ProxyProtocol proxy_protocol = ProxyProtocol::off;
  bool proxy_requires_tls = false;  ///< v2: clients have to speak TLS with the proxy
  TlsConfig tls;

  std::optional<bool> allow_anonymous;        ///< absent: as the whole broker, see Config
  std::optional<std::string> auto_id_prefix;  ///< absent: as the whole broker
  bool use_username_as_clientid = false;      ///< a client without a user name is refused
  // Only with Config::per_listener_settings, instead of the values of the whole broker.
  std::optional<bool> allow_zero_length_clientid;
  std::string password_file;
  std::string acl_file;
  std::string psk_file;

  std::string mount_point;  ///< that all topics of its clients begin with for others; empty: none
  std::uint32_t max_connections = 0;
  mqtt::QoS max_qos = mqtt::QoS::exactly_once;
  std::uint16_t max_topic_alias = 10;         ///< that a client may create; 0: none
  std::uint16_t max_topic_alias_broker = 10;  ///< that the broker creates to a client; 0: none

  /// The lines of its keys, and the line that began it as "listener".
  Origins written;

  /// A reload has removed the listener: no client connects through it any more. Those that came
  /// through it keep its rules. Never set by a file without errors; see ListenerIndexes.
  bool gone = false;

  friend bool operator==(const ListenerConfig&, const ListenerConfig&) = default;
};

/// As a `listener` line names it: "1883", "1883 localhost" or "0 /run/mqtt.sock".
std::string name(const ListenerConfig& listener);

struct Limits {
  std::uint16_t max_inflight_messages = 20;  ///< window each way for QoS 1 and 2
  std::uint32_t max_inflight_bytes = 0;      ///< payload bytes not yet acknowledged, each way
  std::uint32_t max_queued_messages = 1000;  ///< per session, above the window
  std::uint32_t max_queued_bytes = 0;        ///< payload bytes per session
  std::uint32_t max_packet_size_bytes = 2'000'000;  ///< largest packet taken; never 0
  std::uint32_t message_size_limit_bytes = 0;       ///< largest payload
  std::uint16_t max_keepalive_s = 0;
  std::uint32_t global_max_clients = 0;      ///< sessions, connected and stored
  std::uint32_t global_max_connections = 0;  ///< open sockets
  /// Bytes waiting for one slow client; never 0. Above it QoS 0 messages to that client are dropped
  /// and counted, and nothing more is read from it.
  std::uint32_t max_output_buffer_bytes = 16U << 20U;

  std::uint32_t max_subscriptions_per_client = 100'000;
  /// Bytes that all connections hold together before they are let in; never 0.
  std::uint32_t max_unauthenticated_bytes = 64U << 20U;

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct DeliveryConfig {
  bool queue_qos0_messages = false;      ///< keep QoS 0 for offline sessions too
  bool upgrade_outgoing_qos = false;     ///< deliver at the subscription's QoS
  bool allow_duplicate_messages = true;  ///< false: one copy per 3.x client, overlaps or not
  QueueOverflow queue_overflow = QueueOverflow::drop_new;
  bool retain_available = true;
  bool check_retain_source = false;  ///< may the publisher of a retained message still publish it?
  std::uint32_t retain_expiry_interval_s = 0;  ///< period of purging expired ones; 0: no purge

  friend bool operator==(const DeliveryConfig&, const DeliveryConfig&) = default;
};

struct SessionConfig {
  bool allow_zero_length_clientid = true;
  std::string auto_id_prefix = "auto-";
  /// Longest life of a session after its connection; absent: as long as the client asked for.
  std::optional<std::uint32_t> persistent_client_expiration_s;

  friend bool operator==(const SessionConfig&, const SessionConfig&) = default;
};

struct Config {
  /// Never empty. In local-only mode (no listener was configured): 127.0.0.1 and ::1 for each port,
  /// of which all but one may fail to open.
  std::vector<ListenerConfig> listeners;
  bool local_only = false;

  std::uint16_t workers = 0;  ///< threads that serve clients; 0 (`auto`): one per processor
  Placement placement = Placement::fill;
  Limits limits;
  DeliveryConfig delivery;
  SessionConfig sessions;
  LogSettings log;

  /// Each listener has its own rules about which clients may connect and do what; none are common.
  bool per_listener_settings = false;
  std::optional<bool> allow_anonymous;  ///< absent: only in local-only mode
  std::string password_file;            ///< empty: none
  std::string acl_file;                 ///< empty: none
  std::string clientid_prefix;          ///< that every client id must have; empty: any
  bool connection_messages = true;      ///< log connects and disconnects
  bool set_tcp_nodelay =
      true;  ///< output is gathered anyway: what waits for more would only be late
  std::uint16_t sys_interval_s = 10;  ///< period of $SYS; 0: no $SYS at all
  std::string psk_file;               ///< keys by identity, for listeners with a psk_hint
  /// Bytes of the request with which a WebSocket client may ask for its connection.
  std::uint32_t max_upgrade_request_bytes = 4096;
  std::uint64_t memory_limit_bytes = 0;  ///< of the heap; above it nothing new is taken
  /// Takes the secrets of TLS connections of all listeners; empty: none. Of the command line alone.
  std::string tls_key_log_file;
  std::string pid_file;            ///< empty: none
  std::string user = "mosquitto";  ///< that a process started by root becomes

  Origins written;  ///< the lines of the keys of the whole broker

  /// Whether a client without a user name may connect to `listener`.
  bool allows_anonymous(const ListenerConfig& listener) const;

  bool allows_zero_length_clientid(const ListenerConfig& listener) const;
  const std::string& password_file_of(const ListenerConfig& listener) const {
    return per_listener_settings ? listener.password_file : password_file;
  }
  const std::string& acl_file_of(const ListenerConfig& listener) const {
    return per_listener_settings ? listener.acl_file : acl_file;
  }

  const std::string& psk_file_of(const ListenerConfig& listener) const {
    return per_listener_settings ? listener.psk_file : psk_file;
  }

  /// The same for where `key`, one of these files, was written.
  std::optional<SourceLine> written_for(const ListenerConfig& listener,
                                        std::string_view key) const {
    return per_listener_settings ? listener.written.find(key) : written.find(key);
  }

  /// What a generated client id on `listener` begins with.
  std::string_view auto_id_prefix(const ListenerConfig& listener) const;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace broker

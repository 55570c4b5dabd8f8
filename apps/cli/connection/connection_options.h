#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection/tls_options.h"
#include "cli/options/option_binding.h"
#include "cli/options/packet_properties.h"
#include "mqtt/client/endpoint.h"
#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/version.h"

namespace cli {

struct WillOptions {
  std::optional<std::string> topic;
  std::optional<std::string> payload;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
};

/// What every tool asks about the way to the broker: bound to flags by `bind_connection_options`,
/// checked as a whole by `check`.
struct ConnectionOptions {
  /// A host name or address; with port 0 the path of a Unix socket.
  std::string host = "localhost";
  std::optional<std::uint16_t> port;
  bool port_by_scheme = false;  ///< `port` is what the scheme of a URL stands for
  /// -S: `host` is a domain whose name servers say where its brokers are.
  bool service_lookup = false;
  std::string bind_address;
  bool no_delay = false;
  bool web_socket = false;
  std::optional<mqtt::client::Endpoint::Proxy> proxy;
  TlsOptions tls;
  bool url_wants_tls = false;
  /// Filled by `load_tls_context`; null without TLS.
  std::shared_ptr<const mqtt::io::TlsContext> tls_context;

  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v311;
  std::optional<std::string> client_id;
  std::optional<std::string> client_id_prefix;
  bool clean_start = true;
  std::optional<std::uint32_t> session_expiry_s;
  std::uint16_t keep_alive_s = 60;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::uint16_t max_in_flight = 20;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  WillOptions will;
  PacketProperties properties;

  bool debug = false;
  bool quiet = false;

  bool is_unix_socket() const { return port == 0; }
  std::uint16_t effective_port() const;
  bool uses_tls() const;
};

/// Takes the topic of -t or -L: a name or a filter, one or several, as the tool has it.
using TopicSetter = ValueSetter;

/// Adds the shared flags, -t among them.
void bind_connection_options(CLI::App& app, ConnectionOptions& options, TopicSetter set_topic,
                             const std::string& topic_description);

/// What only the whole command line shows: options that need or exclude each other.
Verdict check(const ConnectionOptions& options);

/// Loads the files that the TLS options name, if TLS is wanted.
Verdict load_tls_context(ConnectionOptions& options);

/// The client identifier to connect with; empty lets the broker choose one (MQTT 3.1, which cannot
/// do that, gets a random one).
std::string client_id_for(const ConnectionOptions& options);

/// What to connect with: the password that was given, or, for a user name without one, that of the
/// environment (MQTT_PASSWORD).
std::optional<std::string> password_for(const ConnectionOptions& options);

/// The name server of -S, if the environment (MQTT_NAME_SERVER) says another one than the system's;
/// otherwise empty.
std::string name_server();
/// What -S asks for: "_mqtt._tcp", with TLS "_secure-mqtt._tcp".
std::string service_name(const ConnectionOptions& options);

/// The properties of the CONNECT packet: those of -D, and the session expiry of -x and -c.
mqtt::PropertyList connect_properties(const ConnectionOptions& options);

}  // namespace cli

#include "cli/connection/connection_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <random>
#include <utility>

#include "cli/connection/broker_url.h"
#include "cli/connection/url_authority.h"
#include "cli/input/file_content.h"
#include "cli/options/command_line.h"
#include "cli/options/topic_check.h"
#include "mqtt/io/service_lookup.h"
#include "mqtt/io/socket_address.h"
#include "mqtt/protocol/utf8.h"

namespace cli {

namespace {

using mqtt::ProtocolVersion;
using mqtt::QoS;

constexpr std::uint32_t expiry_never = 0xFFFFFFFF;

ValueSetter qos_setter(QoS& qos) {
  return [&qos](const std::string& value) -> Verdict {
    if (value != "0" && value != "1" && value != "2") {
      return tl::unexpected(fmt::format("\"{}\" is not a QoS: 0, 1 or 2", value));
    }
    qos = static_cast<QoS>(value[0] - '0');
    return {};
  };
}

ValueSetter version_setter(ProtocolVersion& version) {
  return [&version](const std::string& value) -> Verdict {
    if (value == "5" || value == "mqttv5") {
      version = ProtocolVersion::v5;
    } else if (value == "311" || value == "mqttv311") {
      version = ProtocolVersion::v311;
    } else if (value == "31" || value == "mqttv31") {
      version = ProtocolVersion::v31;
    } else {
      return tl::unexpected(fmt::format(
          "\"{}\" is not a protocol version: 5, 311, 31 (or mqttv5, mqttv311, mqttv31)", value));
    }
    return {};
  };
}

/// Seconds in decimal, hexadecimal (0x) or octal (0) notation, or one of the words for "never".
tl::expected<std::uint32_t, std::string> parse_expiry(const std::string& value) {
  if (value == "-1" || value == "∞") return expiry_never;
  std::string_view digits = value;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.starts_with('0')) {
    base = 8;
    digits.remove_prefix(1);
  }
  std::uint32_t seconds = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, seconds, base);
  if (error != std::errc() || rest != end) {
    return tl::unexpected(fmt::format(
        "\"{}\" is not a session expiry: 0 to 4294967294 seconds, or -1 for never", value));
  }
  return seconds;
}

Verdict set_proxy(const std::string& url, ConnectionOptions& options) {
  constexpr std::string_view scheme = "socks5h://";
  constexpr std::size_t most_bytes = 255;
  if (!url.starts_with(scheme)) {
    return tl::unexpected(
        std::string("the URL of a proxy is socks5h://[user[:password]@]host[:port]"));
  }
  auto server = parse_url_authority(std::string_view(url).substr(scheme.size()));
  if (!server) return tl::unexpected(server.error());
  mqtt::client::Endpoint::Proxy proxy;
  proxy.host = std::move(server->host);
  proxy.port = server->port.value_or(proxy.port);
  proxy.user_name = std::move(server->user_name);
  proxy.password = server->password.value_or("");
  if (proxy.user_name.value_or("").size() > most_bytes || proxy.password.size() > most_bytes) {
    return tl::unexpected(
        fmt::format("user name and password of a proxy have at most {} bytes", most_bytes));
  }
  options.proxy = std::move(proxy);
  return {};
}

void bind_address_options(CLI::App& app, ConnectionOptions& options) {
  add_text(app, "-h,--host", "HOST", "Host name or address of the broker (default: localhost)",
           options.host);
  add_value(app, "-p,--port", "PORT",
            "Port of the broker (default: 1883, with TLS 8883); 8883 implies TLS",
            [&options](const std::string& value) -> Verdict {
              options.port_by_scheme = false;
              return number_setter<std::uint16_t>(options.port, 0, 65535)(value);
            });
  add_value(app, "--unix", "PATH", "Connect through this Unix socket",
            [&options](const std::string& path) -> Verdict {
              options.host = path;
              options.port = 0;
              options.port_by_scheme = false;
              return {};
            });
  add_switch(app, "-S", "Look up the broker by the service records of HOST (DNS SRV)",
             options.service_lookup);
  add_text(app, "-A", "ADDRESS", "Connect from this local address", options.bind_address);
  add_value(app, "--proxy", "URL",
            "Connect through this proxy: socks5h://[user[:password]@]host[:port]",
            [&options](const std::string& url) { return set_proxy(url, options); });
  add_switch(app, "--ws", "Use MQTT over WebSocket", options.web_socket);
  add_switch(app, "--nodelay", "Send small packets immediately (TCP_NODELAY)", options.no_delay);
}

Verdict apply_url(const std::string& text, ConnectionOptions& options,
                  const TopicSetter& set_topic) {
  auto url = parse_broker_url(text);
  if (!url) return tl::unexpected(url.error());
  options.url_wants_tls = url->tls;
  options.web_socket = url->websocket;
  options.host = url->host;
  options.port = url->port;
  options.port_by_scheme = !url->has_port;
  if (url->user_name) options.user_name = url->user_name;
  if (url->password) options.password = url->password;
  return url->topic ? set_topic(*url->topic) : Verdict();
}

void bind_session_options(CLI::App& app, ConnectionOptions& options) {
  add_value(app, "-i,--id", "ID", "Client identifier (default: assigned by the broker)",
            [&options](const std::string& id) -> Verdict {
              if (options.client_id_prefix) {
                return tl::unexpected(std::string("cannot be combined with -I"));
              }
              options.client_id = id;
              return {};
            });
  add_value(app, "-I,--id-prefix", "PREFIX", "Client identifier: PREFIX and the process ID",
            [&options](const std::string& prefix) -> Verdict {
              if (options.client_id) {
                return tl::unexpected(std::string("cannot be combined with -i"));
              }
              options.client_id_prefix = prefix;
              return {};
            });
  add_switch(app, "-c,--disable-clean-session", "Keep the session between runs (needs -i)",
             [&options] {
               options.clean_start = false;
               return Verdict();
             });
  add_value(app, "-x", "SECONDS", "Keep the session this long after the connection (MQTT 5); -1: forever",
            [&options](const std::string& value) -> Verdict {
              options.version = ProtocolVersion::v5;
              return parse_expiry(value).map(
                  [&options](std::uint32_t seconds) { options.session_expiry_s = seconds; });
            });
  add_value(app, "-k,--keepalive", "SECONDS", "Keep alive, 5 to 65535 (default: 60)",
            number_setter<std::uint16_t>(options.keep_alive_s, 5, 65535));
  add_value(app, "-V,--protocol-version", "VERSION",
            fmt::format("MQTT version: 5, 311 or 31 (default: {})",
                        mqtt::is_v5(options.version) ? "5" : "311"),
            version_setter(options.version));
  add_value(app, "-u,--username", "NAME", "User name", [&options](const std::string& name) {
    options.user_name = name;
    return Verdict();
  });
  add_value(app, "-P,--pw", "PASSWORD", "Password", [&options](const std::string& password) {
    options.password = password;
    return Verdict();
  });
  add_value(app, "--pw-file", "FILE", "Password: the first line of this file, or of /dev/fd/N",
            [&options](const std::string& path) -> Verdict {
              return read_file(path, FileKind::any).map([&options](const std::string& text) {
                const std::string line = text.substr(0, text.find('\n'));
                options.password = line.substr(0, line.find_last_not_of('\r') + 1);
              });
            });
}

void bind_will_options(CLI::App& app, WillOptions& will) {
  add_value(app, "--will-topic", "TOPIC", "Topic of the will",
            [&will](const std::string& topic) -> Verdict {
              will.topic = topic;
              return check_topic_name(topic);
            });
  add_value(app, "--will-payload", "TEXT", "Payload of the will (default: empty)",
            [&will](const std::string& payload) {
              will.payload = payload;
              return Verdict();
            });
  add_value(app, "--will-qos", "QOS", "QoS of the will: 0 (default), 1 or 2", qos_setter(will.qos));
  add_switch(app, "--will-retain", "Let the broker retain the will", will.retain);
}

void bind_property_option(CLI::App& app, ConnectionOptions& options) {
  add_value(app, "-D,--property", "COMMAND PROPERTY VALUE",
            "Add an MQTT 5 property to a packet: -D publish content-type text/plain; "
            "a user-property has a key and a value. Commands: connect, publish, subscribe, "
            "unsubscribe, disconnect, will",
            [&options](const std::string& words) -> Verdict {
              options.version = ProtocolVersion::v5;
              return add_property(options.properties, split_words(words));
            });
}

std::string random_client_id() {
  constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t random_characters = 18;  // 23 with the prefix, the most that 3.1 allows
  std::random_device device;
  std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
  std::string id = "mosq-";  // what prefix rules of existing brokers expect
  for (std::size_t i = 0; i < random_characters; ++i) id += alphabet[pick(device)];
  return id;
}

Verdict check_will(const WillOptions& will) {
  if (will.topic) return {};
  if (will.payload) return tl::unexpected(std::string("--will-payload needs --will-topic"));
  if (will.retain) return tl::unexpected(std::string("--will-retain needs --will-topic"));
  return {};
}

Verdict check_session(const ConnectionOptions& options) {
  if (options.client_id && options.client_id->empty()) {
    return tl::unexpected(std::string("-i: the client identifier is empty"));
  }
  if (options.client_id) return {};
  const bool for_ever =
      mqtt::is_v5(options.version) &&
      (options.session_expiry_s ? *options.session_expiry_s == expiry_never : !options.clean_start);
  if (for_ever) {
    return tl::unexpected(
        std::string("a session that never expires needs a client identifier (-i)"));
  }
  if (!mqtt::is_v5(options.version) && !options.clean_start) {
    return tl::unexpected(std::string("-c needs a client identifier (-i)"));
  }
  return {};
}

Verdict check_service_lookup(const ConnectionOptions& options) {
  if (!options.service_lookup) return {};
  if (options.is_unix_socket()) {
    return tl::unexpected(std::string("-S looks up a domain, not a Unix socket"));
  }
  if (options.proxy) {
    return tl::unexpected(
        std::string("-S asks name servers from here, --proxy leaves the look-up to the proxy"));
  }
  if (options.port && !options.port_by_scheme) {
    return tl::unexpected(
        std::string("-S learns the port from the name servers: no port can be "
                    "given (for TLS use --tls-use-os-certs or mqtts://)"));
  }
  if (mqtt::io::SocketAddress::parse(options.host, 0)) {
    return tl::unexpected(std::string("-S looks up a domain, not an address"));
  }
  if (const std::string server = name_server();
      !server.empty() && !mqtt::io::is_name_server(server)) {
    return tl::unexpected(fmt::format(
        "MQTT_NAME_SERVER: \"{}\" is no IPv4 address, with or without a port, as in 192.0.2.1:53",
        server));
  }
  return {};
}

Verdict check_text_field(const std::string& option, const std::optional<std::string>& text,
                         bool is_utf8) {
  if (!text) return {};
  if (text->size() > 65535) {
    return tl::unexpected(
        fmt::format("{}: {} bytes are too many, at most 65535 fit", option, text->size()));
  }
  if (is_utf8 && !mqtt::is_valid_utf8(*text)) {
    return tl::unexpected(option + ": the text is not valid UTF-8");
  }
  return {};
}

Verdict check_credentials(const ConnectionOptions& options) {
  if (options.password && !options.user_name && !mqtt::is_v5(options.version)) {
    return tl::unexpected(std::string("-P needs -u before MQTT 5"));
  }
  return check_text_field("-u", options.user_name, true)
      .and_then([&] {
        return check_text_field(options.password ? "-P" : "MQTT_PASSWORD", password_for(options),
                                false);
      })
      .and_then([&] { return check_text_field("-i", options.client_id, true); })
      .and_then([&] { return check_text_field("-I", options.client_id_prefix, true); });
}

Verdict check_properties(const ConnectionOptions& options) {
  const PacketProperties& properties = options.properties;
  if (mqtt::is_v5(options.version)) {
    if (options.session_expiry_s &&
        properties.connect.view().contains(mqtt::PropertyId::session_expiry_interval)) {
      return tl::unexpected(
          std::string("-x and -D connect session-expiry-interval say the same thing twice"));
    }
    return {};
  }
  if (!properties.connect.empty()) {
    return tl::unexpected(std::string("-D connect needs MQTT 5, but -V asks for less"));
  }
  if (!properties.will.empty()) {
    return tl::unexpected(std::string("-D will needs MQTT 5, but -V asks for less"));
  }
  return {};
}

}  // namespace

std::uint16_t ConnectionOptions::effective_port() const {
  return port.value_or(tls.names_trust() ? 8883 : 1883);
}

bool ConnectionOptions::uses_tls() const {
  return !tls.off && (tls.names_trust() || tls.system_trust || url_wants_tls || port == 8883);
}

void bind_connection_options(CLI::App& app, ConnectionOptions& options, TopicSetter set_topic,
                             const std::string& topic_description) {
  app.option_defaults()->group("Connection");
  bind_address_options(app, options);
  add_value(
      app, "-L,--url", "URL", "All in one: mqtt://[user[:password]@]host[:port][/topic]",
      [&options, set_topic](const std::string& url) { return apply_url(url, options, set_topic); });
  bind_session_options(app, options);
  bind_property_option(app, options);
  bind_tls_options(app, options.tls);

  app.option_defaults()->group("Will");
  bind_will_options(app, options.will);

  app.option_defaults()->group("Messages");
  add_value(app, "-t,--topic", "TOPIC", topic_description, set_topic);
  add_value(app, "-q,--qos", "QOS", "QoS: 0 (default), 1 or 2", qos_setter(options.qos));
  add_value(app, "-M", "COUNT",
            "Maximum number of unacknowledged QoS 1 and 2 messages (default: 20)",
            number_setter<std::uint16_t>(options.max_in_flight, 1, 65535));

  app.option_defaults()->group("Diagnostics");
  add_switch(app, "-d,--debug", "Show the packets sent and received", options.debug);
  add_switch(app, "--quiet", "No errors and warnings while running", options.quiet);
}

Verdict check(const ConnectionOptions& options) {
  if (options.proxy && options.is_unix_socket()) {
    return tl::unexpected(std::string("--proxy leads to a host, not to a Unix socket"));
  }
  if (options.proxy && options.host.size() > 255) {
    return tl::unexpected(std::string("-h: a proxy takes at most 255 bytes"));
  }
  return check_will(options.will)
      .and_then([&] { return check_service_lookup(options); })
      .and_then([&] { return check_session(options); })
      .and_then([&] { return check_credentials(options); })
      .and_then([&] { return check_properties(options); })
      .and_then([&] { return check(options.tls, options.uses_tls()); });
}

Verdict load_tls_context(ConnectionOptions& options) {
  if (!options.uses_tls()) return {};
  return make_tls_context(options.tls)
      .map([&options](std::shared_ptr<const mqtt::io::TlsContext> context) {
        options.tls_context = std::move(context);
      });
}

std::string client_id_for(const ConnectionOptions& options) {
  if (options.client_id) return *options.client_id;
  if (options.client_id_prefix) return *options.client_id_prefix + std::to_string(::getpid());
  return options.version == ProtocolVersion::v31 ? random_client_id() : std::string();
}

std::optional<std::string> password_for(const ConnectionOptions& options) {
  if (options.password || !options.user_name) return options.password;
  if (const char* const password = std::getenv("MQTT_PASSWORD")) return password;
  return std::nullopt;
}

std::string name_server() {
  const char* const server = std::getenv("MQTT_NAME_SERVER");
  return server == nullptr ? "" : server;
}

std::string service_name(const ConnectionOptions& options) {
  return options.uses_tls() ? "_secure-mqtt._tcp" : "_mqtt._tcp";
}

mqtt::PropertyList connect_properties(const ConnectionOptions& options) {
  mqtt::PropertyList list = options.properties.connect;
  if (!mqtt::is_v5(options.version)) return list;
  const bool given = list.view().contains(mqtt::PropertyId::session_expiry_interval);
  std::uint32_t expiry_s = options.session_expiry_s.value_or(0);
  if (!options.session_expiry_s && !options.clean_start && !given) expiry_s = expiry_never;
  if (expiry_s != 0) list.add(mqtt::PropertyId::session_expiry_interval, expiry_s);
  return list;
}

}  // namespace cli

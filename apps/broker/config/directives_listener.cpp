#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

std::optional<std::uint16_t> parse_port(std::string_view token) {
  const auto number = parse_integer(token);
  if (!number || *number < 1 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// What the system's socket address has space for, less the closing NUL.
constexpr std::size_t longest_socket_path = 107;

/// A word that begins with # ends the line of this key.
std::string_view host_of(std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  return word.starts_with('#') ? std::string_view() : word;
}

Outcome set_listener(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const Token port_token = next_token(rest);
  const std::string_view host = host_of(port_token.rest);
  const bool is_unix = parse_integer(port_token.text) == 0 && !host.empty();
  const auto port = is_unix ? std::optional<std::uint16_t>(0) : parse_port(port_token.text);
  if (!port) return refused(port_token.text);
  if (!host.empty() && !parse_string(host)) return refused(host);
  if (is_unix && host.size() > longest_socket_path) {
    return refused(host, fmt::format("a path of at most {} bytes", longest_socket_path));
  }
  draft.begin(Section::listener);
  draft.listener_chosen = true;
  ListenerConfig& listener = draft.listener();
  listener.port = *port;
  (is_unix ? listener.unix_path : listener.host) = std::string(host);
  return {};
}

Outcome set_port(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto port = parse_port(token);
  if (!port) return refused(token);
  draft.select_default_listener();
  draft.listener_chosen = true;
  draft.listener().port = *port;
  return {};
}

constexpr Directive port_row() {
  Directive row = special("port", global, Type::integer, applied, set_port);
  row.bounds = {1, 65535, false};
  return row;
}

Outcome set_bind_address(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto host = parse_string(rest);
  if (!host) return refused(trim(rest));
  draft.select_default_listener();
  draft.listener_chosen = true;
  draft.listener().host = std::string(*host);
  return {};
}

constexpr Directive bind_address_row() {
  Directive row = special("bind_address", global, Type::string, applied, set_bind_address);
  row.repetition = Repetition::refused;
  row.accepts = "a host name or an address";
  return row;
}

Outcome set_protocol(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view word = next_token(rest).text;
  if (word == "http_api") return not_supported_yet(word);
  if (word != "mqtt" && word != "websockets") return refused(word);
  draft.listener().protocol =
      word == "mqtt" ? ListenerProtocol::mqtt : ListenerProtocol::websockets;
  return {};
}

constexpr Directive protocol_row() {
  Directive row = choice<ListenerProtocol::mqtt, &ListenerConfig::protocol>(
      "protocol", listener_or_default, "mqtt websockets", reopens);
  row.accepts = "mqtt or websockets (http_api is not supported yet)";
  row.set = set_protocol;
  return row;
}

Outcome set_accept_protocol_versions(const Directive&, ConfigDraft& draft, std::string_view rest) {
  constexpr std::string_view separators = ", \t";
  AcceptedVersions accepted{false, false, false};
  std::string_view left = rest;
  while (left.find_first_not_of(separators) != std::string_view::npos) {
    left.remove_prefix(left.find_first_not_of(separators));
    const std::string_view word = left.substr(0, left.find_first_of(separators));
    left.remove_prefix(word.size());
    if (word != "3" && word != "4" && word != "5") return refused(word);
    if (word == "3") accepted.v31 = true;
    if (word == "4") accepted.v311 = true;
    if (word == "5") accepted.v5 = true;
  }
  if (accepted == AcceptedVersions{false, false, false}) return refused({});
  draft.listener().accepted_versions = accepted;
  return {};
}

std::string accept_protocol_versions_text(const Directive&, const Settings& settings) {
  std::string text;
  if (settings.listener.accepted_versions.v31) text += " 3";
  if (settings.listener.accepted_versions.v311) text += " 4";
  if (settings.listener.accepted_versions.v5) text += " 5";
  return text.substr(1);
}

constexpr Directive accept_protocol_versions_row() {
  Directive row = held<&ListenerConfig::accepted_versions>(
      "accept_protocol_versions", named_listener, Type::list, new_connections);
  row.accepts = "some of 3, 4 and 5 (MQTT 3.1, 3.1.1 and 5.0)";
  row.set = set_accept_protocol_versions;
  row.text = accept_protocol_versions_text;
  return row;
}

Outcome set_websockets_origin(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto origin = parse_string(rest);
  if (!origin) return refused(trim(rest));
  draft.listener().websockets_origins.emplace_back(*origin);
  return {};
}

constexpr Directive websockets_origin_row() {
  Directive row = value<&ListenerConfig::websockets_origins>("websockets_origin", listener,
                                                             Type::string, new_connections);
  row.repetition = Repetition::accumulates;
  row.accepts = "a web origin, such as https://example.org";
  row.set = set_websockets_origin;
  return row;
}

Outcome set_mount_point(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const auto prefix = parse_string(rest);
  if (!prefix || prefix->find_first_of("+#") != std::string_view::npos) return refused(trim(rest));
  draft.listener().mount_point = std::string(*prefix);
  return {};
}

constexpr Directive mount_point_row() {
  Directive row = string<65535, &ListenerConfig::mount_point>("mount_point", listener,
                                                              Repetition::last_wins, restart);
  row.accepts = "the beginning of a topic, without + and #";
  row.set = set_mount_point;
  return row;
}

constexpr Directive enable_proxy_protocol_row() {
  Directive row = choice<ProxyProtocol::v1, &ListenerConfig::proxy_protocol>(
      "enable_proxy_protocol", listener, "1 2", new_connections);
  row.accepts = "1 or 2: the version of the header";
  return row;
}

constexpr Directive packet_buffer_size_row() {
  return integer<&Config::max_upgrade_request_bytes>("packet_buffer_size", global, short_natural,
                                                     new_connections);
}

constexpr Directive max_qos_row() {
  return integer<&ListenerConfig::max_qos>("max_qos", listener_or_default, {0, 2, false},
                                           new_connections);
}

/// Where and how clients connect.
constexpr auto table = std::to_array<Directive>({
    opening(Section::listener, special("listener", global, Type::endpoint, applied, set_listener)),
    deprecated(port_row()),
    deprecated(bind_address_row()),
    rule_of_listener(
        boolean<&ListenerConfig::allow_anonymous>("listener_allow_anonymous", listener, applied)),
    rule_of_listener(accepting(auto_id_prefix_accepts, string<50, &ListenerConfig::auto_id_prefix>(
                                                           "listener_auto_id_prefix", listener,
                                                           Repetition::refused, applied))),
    integer<&ListenerConfig::max_connections>("max_connections", listener_or_default, natural,
                                              new_connections),
    max_qos_row(),
    alias("maximum_qos", max_qos_row()),
    integer<&ListenerConfig::max_topic_alias>("max_topic_alias", listener, short_natural,
                                              new_connections),
    integer<&ListenerConfig::max_topic_alias_broker>("max_topic_alias_broker", listener,
                                                     short_natural, new_connections),
    mount_point_row(),
    protocol_row(),
    choice<SocketDomain::ipv4, &ListenerConfig::socket_domain>("socket_domain", listener_or_default,
                                                               "ipv4 ipv6", reopens),
    boolean<&Config::set_tcp_nodelay>("set_tcp_nodelay", global, new_connections),
    accepting("the name of a network interface",
              string<15, &ListenerConfig::bind_interface>("bind_interface", listener_or_default,
                                                          Repetition::refused, reopens)),
    accept_protocol_versions_row(),
    enable_proxy_protocol_row(),
    boolean<&ListenerConfig::proxy_requires_tls>("proxy_protocol_v2_require_tls", listener,
                                                 new_connections),
    websockets_origin_row(),
    packet_buffer_size_row(),
    alias("websockets_headers_size", packet_buffer_size_row()),
    not_yet("http_dir", listener, Type::string),
    without_effect("websockets_log_level", global, Type::integer),
});

}  // namespace

std::span<const Directive> subject::listeners() {
  return table;
}

}  // namespace broker

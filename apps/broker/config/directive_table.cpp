#include "config/directive_table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "config/directive_row.h"
#include "config/directive_setters.h"
#include "config/nearest_word.h"

namespace broker {
namespace {

using row::accepting;
using row::alias;
using row::boolean;
using row::choice;
using row::deprecated;
using row::integer;
using row::not_yet;
using row::special;
using row::string;
using row::without_effect;

using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

constexpr std::int32_t integer_max = std::numeric_limits<std::int32_t>::max();
constexpr Bounds natural{0, integer_max, true};
constexpr Bounds short_natural{0, 65535, false};

// Rows whose value is not a plain member.

constexpr Directive workers_row() {
  Directive row = row::value<&Config::workers>("workers", global, Type::integer, restart);
  row.bounds = {1, 1024, false};
  row.accepts = "a whole number from 1 to 1024, or auto";
  row.set = row::set_workers;
  row.text = [](const Directive&, const Config& config, const ListenerConfig&) {
    return config.workers == 0 ? std::string("auto") : row::text_of(config.workers);
  };
  return row;
}

constexpr Directive max_inflight_messages_row() {
  Directive row = integer<&Config::limits, &Limits::max_inflight_messages>(
      "max_inflight_messages", global, {0, 65535, true}, new_connections);
  row.set = row::set_max_inflight_messages;
  return row;
}

constexpr Directive memory_limit_row() {
  Directive row =
      row::value<&Config::memory_limit_bytes>("memory_limit", global, Type::integer, applied);
  row.accepts = "a whole number of bytes from 0";
  row.set = row::set_memory_limit;
  return row;
}

constexpr Directive retain_expiry_interval_row() {
  Directive row = integer<&Config::delivery, &DeliveryConfig::retain_expiry_interval_s>(
      "retain_expiry_interval", global, {1, integer_max, false}, applied);
  row.set = row::set_retain_expiry_interval;
  row.text = [](const Directive&, const Config& config, const ListenerConfig&) {
    const std::uint32_t interval_s = config.delivery.retain_expiry_interval_s;
    return interval_s == 0 ? std::string("unset") : row::text_of(interval_s / 60U);
  };
  return row;
}

constexpr Directive persistent_client_expiration_row() {
  Directive row = row::value<&Config::sessions, &SessionConfig::persistent_client_expiration_s>(
      "persistent_client_expiration", global, Type::lifetime, applied);
  row.set = row::set_persistent_client_expiration;
  row.text = [](const Directive&, const Config& config, const ListenerConfig&) {
    const auto& lifetime_s = config.sessions.persistent_client_expiration_s;
    return lifetime_s ? fmt::format("{}s", *lifetime_s) : std::string("unset");
  };
  return row;
}

constexpr Directive only_false(std::string_view name) {
  Directive row = special(name, global, Type::boolean, restart, row::set_only_false);
  row.accepts = "false (true is not supported yet)";
  row.text = [](const Directive&, const Config&, const ListenerConfig&) {
    return std::string("false");
  };
  return row;
}

constexpr Directive protocol_row() {
  Directive row = choice<ListenerProtocol::mqtt, &ListenerConfig::protocol>(
      "protocol", listener_or_default, "mqtt websockets", reopens);
  row.accepts = "mqtt or websockets (http_api is not supported yet)";
  row.set = row::set_protocol;
  return row;
}

constexpr Directive accept_protocol_versions_row() {
  Directive row = row::held<&ListenerConfig::accepted_versions>(
      "accept_protocol_versions", named_listener, Type::list, new_connections);
  row.accepts = "some of 3, 4 and 5 (MQTT 3.1, 3.1.1 and 5.0)";
  row.set = row::set_accept_protocol_versions;
  row.text = row::accept_protocol_versions_text;
  return row;
}

constexpr Directive websockets_origin_row() {
  Directive row = row::value<&ListenerConfig::websockets_origins>("websockets_origin", listener,
                                                                  Type::string, new_connections);
  row.repetition = Repetition::accumulates;
  row.accepts = "a web origin, such as https://example.org";
  row.set = row::set_websockets_origin;
  return row;
}

constexpr Directive mount_point_row() {
  Directive row = string<65535, &ListenerConfig::mount_point>("mount_point", listener,
                                                              Repetition::last_wins, restart);
  row.accepts = "the beginning of a topic, without + and #";
  row.set = row::set_mount_point;
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

// TLS

constexpr std::string_view path_accepts = "a path";

template <auto Member>
constexpr Directive tls_text(std::string_view name, Scope scope, std::string_view accepts) {
  return accepting(accepts, string<65535, &ListenerConfig::tls, Member>(
                                name, scope, Repetition::last_wins, new_connections));
}

template <auto Member>
constexpr Directive tls_switch(std::string_view name, Scope scope) {
  return boolean<&ListenerConfig::tls, Member>(name, scope, new_connections);
}

constexpr Directive tls_version_row() {
  Directive row = choice<OldestTls::tlsv1_1, &ListenerConfig::tls, &TlsConfig::oldest>(
      "tls_version", listener, "tlsv1.1 tlsv1.2 tlsv1.3", new_connections);
  row.accepts = "tlsv1.2 or tlsv1.3: the oldest version to take";
  row.repetition = Repetition::refused;
  row.set = row::set_tls_version;
  return row;
}

constexpr Directive tls_keyform_row() {
  Directive row =
      special("tls_keyform", listener_or_default, Type::choice, restart, row::set_tls_keyform);
  row.choices = "pem";
  row.accepts = "pem (engine is not supported yet)";
  row.text = [](const Directive&, const Config&, const ListenerConfig&) {
    return std::string("pem");
  };
  return row;
}

constexpr Directive listener_row() {
  Directive row = special("listener", global, Type::endpoint, applied, row::set_listener);
  row.repetition = Repetition::accumulates;
  return row;
}

constexpr Directive bind_address_row() {
  Directive row = special("bind_address", global, Type::string, applied, row::set_bind_address);
  row.repetition = Repetition::refused;
  row.accepts = "a host name or an address";
  return row;
}

constexpr Directive port_row() {
  Directive row = special("port", global, Type::integer, applied, row::set_port);
  row.bounds = {1, 65535, false};
  return row;
}

constexpr Directive include_dir_row() {
  Directive row = special("include_dir", global, Type::directory, applied, nullptr);
  row.repetition = Repetition::accumulates;
  return row;
}

constexpr Directive log_dest_row() {
  Directive row = special("log_dest", global, Type::choice, applied, row::set_log_dest);
  row.repetition = Repetition::accumulates;
  row.choices = "none stdout stderr syslog topic file";
  row.accepts = "none, stdout, stderr, syslog, topic or file PATH (dlt is not supported yet)";
  row.text = row::log_dest_text;
  row.copy = row::copy_log_dest;
  return row;
}

constexpr Directive log_type_row() {
  Directive row = special("log_type", global, Type::choice, applied, row::set_log_type);
  row.repetition = Repetition::accumulates;
  row.choices =
      "error warning notice information debug subscribe unsubscribe websockets internal none all";
  row.text = row::log_type_text;
  row.copy = row::copy_log_type;
  return row;
}

constexpr Directive per_listener_settings_row() {
  Directive row = boolean<&Config::per_listener_settings>("per_listener_settings", global, restart);
  row.set = row::set_per_listener_settings;
  row.accepts = "true, false, 1 or 0, before allow_anonymous and the like";
  return row;
}

/// A file that is read again by every reload.
template <auto Path>
constexpr Directive file(std::string_view name) {
  return accepting(path_accepts, string<65535, Path>(name, global, Repetition::last_wins, applied));
}

constexpr std::string_view auto_id_prefix_accepts = "text of 1 to 50 bytes of UTF-8";

constexpr Directive max_qos_row() {
  return integer<&ListenerConfig::max_qos>("max_qos", listener_or_default, {0, 2, false},
                                           new_connections);
}

// The table. Keys of this broker alone stand first, then those of mosquitto.conf by subject.

constexpr auto table = std::to_array<Directive>({
    workers_row(),
    choice<Placement::fill, &Config::placement>("placement", global, "fill spread", applied),
    integer<&Config::limits, &Limits::max_subscriptions_per_client>("max_subscriptions_per_client",
                                                                    global, natural, applied),
    integer<&Config::limits, &Limits::max_output_buffer_bytes>(
        "max_output_buffer", global, {65536, integer_max, false}, applied),
    integer<&Config::limits, &Limits::max_unauthenticated_bytes>(
        "max_unauthenticated_bytes", global, {1 << 20, integer_max, false}, applied),
    choice<QueueOverflow::drop_new, &Config::delivery, &DeliveryConfig::queue_overflow>(
        "queue_overflow", global, "drop_new drop_old disconnect", applied),

    // Listeners
    listener_row(),
    deprecated(port_row()),
    deprecated(bind_address_row()),
    row::rule_of_listener(
        boolean<&ListenerConfig::allow_anonymous>("listener_allow_anonymous", listener, applied)),
    row::rule_of_listener(
        accepting(auto_id_prefix_accepts,
                  string<50, &ListenerConfig::auto_id_prefix>("listener_auto_id_prefix", listener,
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

    // TLS
    tls_text<&TlsConfig::certificate_file>("certfile", listener_or_default, path_accepts),
    tls_text<&TlsConfig::key_file>("keyfile", listener_or_default, path_accepts),
    tls_text<&TlsConfig::ca_file>("cafile", listener, path_accepts),
    tls_text<&TlsConfig::ca_directory>("capath", listener_or_default, path_accepts),
    tls_text<&TlsConfig::revoked_file>("crlfile", listener_or_default, path_accepts),
    tls_switch<&TlsConfig::require_certificate>("require_certificate", listener_or_default),
    tls_switch<&TlsConfig::ignore_dates>("disable_client_cert_date_checks", listener),
    tls_version_row(),
    tls_text<&TlsConfig::ciphers>("ciphers", listener_or_default, "a list as OpenSSL takes it"),
    tls_text<&TlsConfig::ciphersuites>("ciphers_tls1.3", listener_or_default,
                                       "a list as OpenSSL takes it"),
    accepting("text", string<65535, &ListenerConfig::tls, &TlsConfig::psk_hint>(
                          "psk_hint", listener_or_default, Repetition::refused, new_connections)),
    row::security(
        accepting(path_accepts, string<65535, &Config::psk_file>(
                                    "psk_file", global, Repetition::last_wins, new_connections)),
        string<65535, &ListenerConfig::psk_file>("psk_file", listener, Repetition::last_wins,
                                                 new_connections)),
    tls_switch<&TlsConfig::identity_is_user_name>("use_identity_as_username", listener_or_default),
    tls_switch<&TlsConfig::subject_is_user_name>("use_subject_as_username", listener_or_default),

    // Authentication
    deprecated(per_listener_settings_row()),
    row::security(boolean<&Config::allow_anonymous>("allow_anonymous", global, applied),
                  boolean<&ListenerConfig::allow_anonymous>("allow_anonymous", listener, applied)),
    row::security(file<&Config::password_file>("password_file"),
                  file<&ListenerConfig::password_file>("password_file")),
    row::security(file<&Config::acl_file>("acl_file"), file<&ListenerConfig::acl_file>("acl_file")),
    row::security(boolean<&Config::sessions, &SessionConfig::allow_zero_length_clientid>(
                      "allow_zero_length_clientid", global, applied),
                  boolean<&ListenerConfig::allow_zero_length_clientid>("allow_zero_length_clientid",
                                                                       listener, applied)),
    deprecated(
        row::security(accepting(auto_id_prefix_accepts,
                                string<50, &Config::sessions, &SessionConfig::auto_id_prefix>(
                                    "auto_id_prefix", global, Repetition::refused, applied)),
                      string<50, &ListenerConfig::auto_id_prefix>("auto_id_prefix", listener,
                                                                  Repetition::refused, applied))),
    deprecated(string<65535, &Config::clientid_prefix>("clientid_prefixes", global,
                                                       Repetition::last_wins, applied)),
    boolean<&ListenerConfig::use_username_as_clientid>("use_username_as_clientid",
                                                       listener_or_default, applied),
    persistent_client_expiration_row(),

    // Limits
    integer<&Config::limits, &Limits::global_max_clients>("global_max_clients", global, natural,
                                                          new_connections),
    integer<&Config::limits, &Limits::global_max_connections>("global_max_connections", global,
                                                              natural, new_connections),
    integer<&Config::limits, &Limits::max_inflight_bytes>("max_inflight_bytes", global, natural,
                                                          applied),
    max_inflight_messages_row(),
    memory_limit_row(),
    integer<&Config::limits, &Limits::max_keepalive_s>("max_keepalive", global, short_natural,
                                                       new_connections),
    integer<&Config::limits, &Limits::max_packet_size_bytes>(
        "max_packet_size", global, {20, integer_max, false}, new_connections),
    integer<&Config::limits, &Limits::max_queued_bytes>("max_queued_bytes", global, natural,
                                                        applied),
    integer<&Config::limits, &Limits::max_queued_messages>("max_queued_messages", global, natural,
                                                           applied),
    deprecated(integer<&Config::limits, &Limits::message_size_limit_bytes>(
        "message_size_limit", global, {0, 268'435'455, false}, applied)),

    // Delivery
    deprecated(boolean<&Config::delivery, &DeliveryConfig::allow_duplicate_messages>(
        "allow_duplicate_messages", global, applied)),
    boolean<&Config::delivery, &DeliveryConfig::queue_qos0_messages>("queue_qos0_messages", global,
                                                                     applied),
    boolean<&Config::delivery, &DeliveryConfig::retain_available>("retain_available", global,
                                                                  new_connections),
    boolean<&Config::delivery, &DeliveryConfig::check_retain_source>("check_retain_source", global,
                                                                     applied),
    retain_expiry_interval_row(),
    boolean<&Config::delivery, &DeliveryConfig::upgrade_outgoing_qos>("upgrade_outgoing_qos",
                                                                      global, applied),

    // Log, $SYS, process
    boolean<&Config::connection_messages>("connection_messages", global, applied),
    log_dest_row(),
    integer<&Config::log, &LogSettings::syslog_local_facility>("log_facility", global,
                                                               {0, 7, false}, applied),
    choice<LogFormat::text, &Config::log, &LogSettings::format>("log_format", global, "text json",
                                                                applied),
    boolean<&Config::log, &LogSettings::show_level>("log_show_level", global, applied),
    boolean<&Config::log, &LogSettings::timestamp>("log_timestamp", global, applied),
    accepting("a format as strftime(3) takes it",
              string<65535, &Config::log, &LogSettings::timestamp_format>(
                  "log_timestamp_format", global, Repetition::refused, applied)),
    log_type_row(),
    integer<&Config::sys_interval_s>("sys_interval", global, short_natural, applied),
    accepting("a path",
              string<65535, &Config::pid_file>("pid_file", global, Repetition::refused, restart)),
    accepting("the name of a user",
              string<65535, &Config::user>("user", global, Repetition::last_wins, restart)),
    include_dir_row(),

    // Taken as far as they state what holds anyway
    only_false("persistence"),
    alias("retained_persistence", only_false("persistence")),
    tls_keyform_row(),

    // Not supported yet: the broker as a whole
    not_yet("autosave_interval", global, Type::integer),
    not_yet("autosave_on_changes", global, Type::boolean),
    not_yet("enable_control_api", global, Type::boolean),
    not_yet("persistence_file", global, Type::string),
    not_yet("persistence_location", global, Type::string),

    // Not supported yet: listeners
    not_yet("http_dir", listener, Type::string),

    // Not supported yet: plugins
    not_yet("plugin", security, Type::string),
    alias("auth_plugin", not_yet("plugin", security, Type::string)),
    not_yet("auth_plugin_deny_special_chars", plugin, Type::boolean),
    not_yet("global_plugin", global, Type::string),
    not_yet("plugin_load", global, Type::list),
    not_yet("plugin_opt_", plugin, Type::string),
    alias("auth_opt_", not_yet("plugin_opt_", plugin, Type::string)),
    not_yet("plugin_use", named_listener, Type::string),

    // Not supported yet: bridges
    not_yet("connection", global, Type::string),
    not_yet("address", bridge, Type::list),
    alias("addresses", not_yet("address", bridge, Type::list)),
    not_yet("topic", bridge, Type::list),
    not_yet("bridge_alpn", bridge, Type::string),
    not_yet("bridge_attempt_unsubscribe", bridge, Type::boolean),
    not_yet("bridge_bind_address", bridge, Type::string),
    not_yet("bridge_cafile", bridge, Type::string),
    not_yet("bridge_capath", bridge, Type::string),
    not_yet("bridge_certfile", bridge, Type::string),
    not_yet("bridge_ciphers", bridge, Type::string),
    not_yet("bridge_ciphers_tls1.3", bridge, Type::string),
    not_yet("bridge_identity", bridge, Type::string),
    not_yet("bridge_insecure", bridge, Type::boolean),
    not_yet("bridge_keyfile", bridge, Type::string),
    not_yet("bridge_max_packet_size", bridge, Type::integer),
    not_yet("bridge_max_topic_alias", bridge, Type::integer),
    not_yet("bridge_outgoing_retain", bridge, Type::boolean),
    not_yet("bridge_protocol_version", bridge, Type::choice),
    not_yet("bridge_psk", bridge, Type::string),
    not_yet("bridge_receive_maximum", bridge, Type::integer),
    not_yet("bridge_reload_type", bridge, Type::choice),
    not_yet("bridge_require_ocsp", bridge, Type::boolean),
    not_yet("bridge_session_expiry_interval", bridge, Type::integer),
    not_yet("bridge_tcp_keepalive", bridge, Type::list),
    not_yet("bridge_tcp_user_timeout", bridge, Type::integer),
    not_yet("bridge_tls_use_os_certs", bridge, Type::boolean),
    not_yet("bridge_tls_version", bridge, Type::choice),
    not_yet("cleansession", bridge, Type::boolean),
    not_yet("remote_clientid", bridge, Type::string),
    alias("clientid", not_yet("remote_clientid", bridge, Type::string)),
    not_yet("idle_timeout", bridge, Type::integer),
    not_yet("keepalive_interval", bridge, Type::integer),
    not_yet("local_cleansession", bridge, Type::boolean),
    not_yet("local_clientid", bridge, Type::string),
    not_yet("local_password", bridge, Type::string),
    not_yet("local_username", bridge, Type::string),
    not_yet("notification_topic", bridge, Type::string),
    not_yet("notifications", bridge, Type::boolean),
    not_yet("notifications_local_only", bridge, Type::boolean),
    not_yet("remote_password", bridge, Type::string),
    alias("password", not_yet("remote_password", bridge, Type::string)),
    not_yet("restart_timeout", bridge, Type::list),
    not_yet("round_robin", bridge, Type::boolean),
    not_yet("start_type", bridge, Type::choice),
    not_yet("threshold", bridge, Type::integer),
    not_yet("try_private", bridge, Type::boolean),
    not_yet("remote_username", bridge, Type::string),
    alias("username", not_yet("remote_username", bridge, Type::string)),

    // Without effect in mosquitto too
    without_effect("dhparamfile", listener_or_default, Type::string),
    without_effect("retry_interval", global, Type::integer),
    without_effect("tls_engine", listener_or_default, Type::string),
    without_effect("tls_engine_kpass_sha1", listener_or_default, Type::string),
    without_effect("websockets_log_level", global, Type::integer),
});

bool matches(const Directive& directive, std::string_view key) {
  return directive.name.ends_with('_') ? key.starts_with(directive.name) : key == directive.name;
}

}  // namespace

std::span<const Directive> directive_table() {
  return table;
}

const Directive* find_directive(std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [key](const Directive& row) { return matches(row, key); });
  return found == table.end() ? nullptr : &*found;
}

std::string_view nearest_directive(std::string_view key) {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    std::transform(table.begin(), table.end(), std::back_inserter(all),
                   [](const Directive& row) { return row.name; });
    return all;
  }();
  const std::string_view before_tab = key.substr(0, key.find('\t'));
  return nearest_word(before_tab, names);
}

}  // namespace broker

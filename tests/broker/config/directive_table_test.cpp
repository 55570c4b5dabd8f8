#include "config/directive_table.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

using broker::Directive;
using broker::directive_table;
using broker::find_directive;
using broker::Repetition;
using broker::Scope;
using broker::Section;
using broker::Support;
using broker::ValueType;

namespace {

/// Every spelling that a mosquitto.conf may hold.
constexpr auto mosquitto_keys = std::to_array<std::string_view>({"allow_duplicate_messages",
                                                                 "autosave_interval",
                                                                 "autosave_on_changes",
                                                                 "check_retain_source",
                                                                 "clientid_prefixes",
                                                                 "connection_messages",
                                                                 "enable_control_api",
                                                                 "global_max_clients",
                                                                 "global_max_connections",
                                                                 "include_dir",
                                                                 "log_dest",
                                                                 "log_facility",
                                                                 "log_timestamp",
                                                                 "log_timestamp_format",
                                                                 "log_type",
                                                                 "max_inflight_bytes",
                                                                 "max_inflight_messages",
                                                                 "max_keepalive",
                                                                 "max_packet_size",
                                                                 "max_queued_bytes",
                                                                 "max_queued_messages",
                                                                 "memory_limit",
                                                                 "message_size_limit",
                                                                 "packet_buffer_size",
                                                                 "per_listener_settings",
                                                                 "persistence",
                                                                 "persistence_file",
                                                                 "persistence_location",
                                                                 "persistent_client_expiration",
                                                                 "pid_file",
                                                                 "queue_qos0_messages",
                                                                 "retain_available",
                                                                 "retain_expiry_interval",
                                                                 "set_tcp_nodelay",
                                                                 "sys_interval",
                                                                 "upgrade_outgoing_qos",
                                                                 "user",
                                                                 "websockets_headers_size",
                                                                 "acl_file",
                                                                 "allow_anonymous",
                                                                 "allow_zero_length_clientid",
                                                                 "auto_id_prefix",
                                                                 "password_file",
                                                                 "psk_file",
                                                                 "listener_allow_anonymous",
                                                                 "listener_auto_id_prefix",
                                                                 "listener",
                                                                 "port",
                                                                 "bind_address",
                                                                 "accept_protocol_versions",
                                                                 "bind_interface",
                                                                 "enable_proxy_protocol",
                                                                 "http_dir",
                                                                 "max_connections",
                                                                 "max_qos",
                                                                 "max_topic_alias",
                                                                 "max_topic_alias_broker",
                                                                 "maximum_qos",
                                                                 "mount_point",
                                                                 "protocol",
                                                                 "proxy_protocol_v2_require_tls",
                                                                 "socket_domain",
                                                                 "use_username_as_clientid",
                                                                 "websockets_origin",
                                                                 "cafile",
                                                                 "capath",
                                                                 "certfile",
                                                                 "keyfile",
                                                                 "ciphers",
                                                                 "ciphers_tls1.3",
                                                                 "crlfile",
                                                                 "disable_client_cert_date_checks",
                                                                 "psk_hint",
                                                                 "require_certificate",
                                                                 "tls_engine",
                                                                 "tls_engine_kpass_sha1",
                                                                 "tls_keyform",
                                                                 "tls_version",
                                                                 "use_identity_as_username",
                                                                 "use_subject_as_username",
                                                                 "plugin",
                                                                 "auth_plugin",
                                                                 "global_plugin",
                                                                 "plugin_load",
                                                                 "plugin_use",
                                                                 "plugin_opt_",
                                                                 "auth_opt_",
                                                                 "auth_plugin_deny_special_chars",
                                                                 "connection",
                                                                 "address",
                                                                 "addresses",
                                                                 "topic",
                                                                 "bridge_alpn",
                                                                 "bridge_attempt_unsubscribe",
                                                                 "bridge_bind_address",
                                                                 "bridge_cafile",
                                                                 "bridge_capath",
                                                                 "bridge_certfile",
                                                                 "bridge_keyfile",
                                                                 "bridge_ciphers",
                                                                 "bridge_ciphers_tls1.3",
                                                                 "bridge_identity",
                                                                 "bridge_psk",
                                                                 "bridge_insecure",
                                                                 "bridge_max_packet_size",
                                                                 "bridge_max_topic_alias",
                                                                 "bridge_outgoing_retain",
                                                                 "bridge_protocol_version",
                                                                 "bridge_receive_maximum",
                                                                 "bridge_reload_type",
                                                                 "bridge_require_ocsp",
                                                                 "bridge_session_expiry_interval",
                                                                 "bridge_tcp_keepalive",
                                                                 "bridge_tcp_user_timeout",
                                                                 "bridge_tls_use_os_certs",
                                                                 "bridge_tls_version",
                                                                 "cleansession",
                                                                 "clientid",
                                                                 "remote_clientid",
                                                                 "idle_timeout",
                                                                 "keepalive_interval",
                                                                 "local_cleansession",
                                                                 "local_clientid",
                                                                 "local_password",
                                                                 "local_username",
                                                                 "notification_topic",
                                                                 "notifications",
                                                                 "notifications_local_only",
                                                                 "password",
                                                                 "remote_password",
                                                                 "restart_timeout",
                                                                 "round_robin",
                                                                 "start_type",
                                                                 "threshold",
                                                                 "try_private",
                                                                 "username",
                                                                 "remote_username",
                                                                 "dhparamfile",
                                                                 "retry_interval",
                                                                 "websockets_log_level",
                                                                 "retained_persistence"});

constexpr auto own_keys = std::to_array<std::string_view>(
    {"log_format", "log_show_level", "max_output_buffer", "max_subscriptions_per_client",
     "max_unauthenticated_bytes", "placement", "queue_overflow", "workers"});

}  // namespace

TEST_CASE("The table holds every key of mosquitto.conf and the broker's own, once each") {
  CHECK(mosquitto_keys.size() == 141);
  std::set<std::string_view> expected(mosquitto_keys.begin(), mosquitto_keys.end());
  expected.insert(own_keys.begin(), own_keys.end());
  std::set<std::string_view> found;
  for (const Directive& row : directive_table()) {
    CAPTURE(row.name);
    CHECK(found.insert(row.name).second);
  }
  CHECK(found == expected);
}

TEST_CASE("Every row is complete") {
  for (const Directive& row : directive_table()) {
    CAPTURE(row.name);
    const bool supported = row.support == Support::supported;
    CHECK((row.set != nullptr) == (supported && row.type != ValueType::directory));
    if (!supported) CHECK(row.text == nullptr);
    if (row.copy != nullptr) CHECK(row.text != nullptr);
    if (row.type == ValueType::choice && supported) CHECK_FALSE(row.choices.empty());
    if (row.type == ValueType::integer) CHECK(row.bounds.least <= row.bounds.most);
    if (supported) CHECK_FALSE(broker::accepted_values(row).empty());
    if (row.text != nullptr) CHECK_FALSE(broker::default_text(row).empty());
    if (!row.spelling_of.empty()) CHECK(find_directive(row.spelling_of) != nullptr);
  }
}

TEST_CASE("Each section is opened by the key that its errors name") {
  for (const Section section : {Section::listener, Section::bridge, Section::plugin}) {
    CAPTURE(info(section).name);
    const Directive* opening = find_directive(info(section).opened_by);
    REQUIRE(opening != nullptr);
    CHECK(opening->opens == section);
  }
  for (const Directive& row : directive_table()) {
    CAPTURE(row.name);
    if (row.opens == Section::global) continue;
    CHECK(row.repetition == Repetition::accumulates);
    CHECK(section_of(row.scope) != row.opens);
  }
}

TEST_CASE("A key is found as it is written") {
  REQUIRE(find_directive("max_qos") != nullptr);
  CHECK(find_directive("max_qos")->scope == Scope::listener_or_default);
  CHECK(find_directive("MAX_QOS") == nullptr);
  CHECK(find_directive("max_qo") == nullptr);
  CHECK(find_directive("") == nullptr);
  SECTION("and a plugin's option by what it begins with") {
    REQUIRE(find_directive("plugin_opt_db_file") != nullptr);
    CHECK(find_directive("plugin_opt_db_file")->name == "plugin_opt_");
    CHECK(find_directive("auth_opt_x")->name == "auth_opt_");
    CHECK(find_directive("plugin_op") == nullptr);
  }
}

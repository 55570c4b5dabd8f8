#include <array>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

/// Connections to other brokers.
constexpr auto table = std::to_array<Directive>({
    opening(Section::bridge, not_yet("connection", global, Type::string)),
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
});

}  // namespace

std::span<const Directive> subject::bridges() {
  return table;
}

}  // namespace broker

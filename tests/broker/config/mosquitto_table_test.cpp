// The keys of mosquitto.conf as Mosquitto 2.1.2 takes them, beside the table of directives.

#include <fmt/format.h>
#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/directive_table.h"

using namespace broker;

namespace {

// key, scope, type with bounds, default, what a second line means, whether SIGHUP applies it.
//
// Scope: G the broker, S security, L listener, D listener or the default one, N a listener that was
// named, B bridge, P plugin. An integer's bounds are "least..most", or "0-..most" where a negative
// one counts as 0. Default: "-" where there is none. Second line: last (wins), once, adds. SIGHUP:
// yes, no; "?" where it is another thing (mount_point changes half, listener only matches). "*"
// stands for what has no meaning.
constexpr const char* mosquitto = R"(
allow_duplicate_messages       G boolean                  true     last yes
autosave_interval              G integer                  *        last yes
autosave_on_changes            G boolean                  *        last yes
check_retain_source            G boolean                  false    last no
clientid_prefixes              G string                   unset    last yes
connection_messages            G boolean                  true     last yes
enable_control_api             G boolean                  *        last no
global_max_clients             G integer:0-..2147483647   0        last no
global_max_connections         G integer:0-..2147483647   0        last no
include_dir                    G directory                -        adds yes
log_dest                       G choice                   stderr   adds yes
log_facility                   G integer:0..7             unset    last yes
log_timestamp                  G boolean                  true     last yes
log_timestamp_format           G string                   unset    once yes
log_type                       G choice                   error,warning,notice,information adds yes
max_inflight_bytes             G integer:0-..2147483647   0        last no
max_inflight_messages          G integer:0-..65535        20       last no
max_keepalive                  G integer:0..65535         0        last no
max_packet_size                G integer:20..2147483647   2000000  last no
max_queued_bytes               G integer:0-..2147483647   0        last no
max_queued_messages            G integer:0-..2147483647   1000     last no
memory_limit                   G integer                  0        last yes
message_size_limit             G integer:0..268435455     0        last yes
packet_buffer_size             G integer:0..65535         4096     last no
websockets_headers_size        G integer:0..65535         4096     last no
per_listener_settings          G boolean                  false    last no
persistence                    G boolean                  false    last *
retained_persistence           G boolean                  false    last *
persistence_file               G string                   *        *    yes
persistence_location           G string                   *        *    yes
persistent_client_expiration   G lifetime                 unset    last yes
pid_file                       G string                   unset    once no
queue_qos0_messages            G boolean                  false    last yes
retain_available               G boolean                  true     last no
retain_expiry_interval         G integer:1..2147483647    unset    last no
set_tcp_nodelay                G boolean                  *        last no
sys_interval                   G integer:0..65535         10       last yes
upgrade_outgoing_qos           G boolean                  false    last yes
user                           G string                   mosquitto last no
acl_file                       S string                   unset    last yes
allow_anonymous                S boolean                  unset    last yes
allow_zero_length_clientid     S boolean                  true     last yes
auto_id_prefix                 S string                   auto-    once yes
password_file                  S string                   unset    last yes
psk_file                       S string                   unset    last yes
listener_allow_anonymous       L boolean                  unset    last yes
listener_auto_id_prefix        L string                   unset    once yes
listener                       G endpoint                 -        adds ?
port                           G integer:1..65535         -        last no
bind_address                   G string                   -        once no
accept_protocol_versions       N list                     3,4,5    last yes
bind_interface                 D string                   unset    once no
enable_proxy_protocol          L choice                   *        *    yes
http_dir                       L string                   *        *    no
max_connections                D integer:0-..2147483647   0        last yes
max_qos                        D integer:0..2             2        last yes
maximum_qos                    D integer:0..2             2        last yes
max_topic_alias                L integer:0..65535         10       last yes
max_topic_alias_broker         L integer:0..65535         10       last yes
mount_point                    L string                   unset    last ?
protocol                       D choice                   mqtt     last yes
proxy_protocol_v2_require_tls  L boolean                  *        last yes
socket_domain                  D choice                   unset    last no
use_username_as_clientid       D boolean                  false    last yes
websockets_origin              L string                   unset    adds yes
cafile                         L string                   unset    last yes
capath                         D string                   unset    last yes
certfile                       D string                   unset    last yes
keyfile                        D string                   unset    last yes
ciphers                        D string                   unset    last yes
ciphers_tls1.3                 D string                   unset    last yes
crlfile                        D string                   unset    last yes
disable_client_cert_date_checks L boolean                 false    last yes
psk_hint                       D string                   unset    once no
require_certificate            D boolean                  false    last yes
tls_engine                     D string                   *        *    no
tls_engine_kpass_sha1          D string                   *        *    no
tls_keyform                    D choice                   pem      last no
tls_version                    L choice                   tlsv1.2  once no
use_identity_as_username       D boolean                  false    last yes
use_subject_as_username        D boolean                  false    last yes
plugin                         S string                   *        *    no
auth_plugin                    S string                   *        *    no
global_plugin                  G string                   *        *    no
plugin_load                    G list                     *        *    no
plugin_use                     N string                   *        *    no
plugin_opt_                    P string                   *        *    no
auth_opt_                      P string                   *        *    no
auth_plugin_deny_special_chars P boolean                  *        *    no
connection                     G string                   *        *    *
address                        B list                     *        *    *
addresses                      B list                     *        *    *
topic                          B list                     *        *    *
bridge_alpn                    B string                   *        *    *
bridge_attempt_unsubscribe     B boolean                  *        *    *
bridge_bind_address            B string                   *        *    *
bridge_cafile                  B string                   *        *    *
bridge_capath                  B string                   *        *    *
bridge_certfile                B string                   *        *    *
bridge_keyfile                 B string                   *        *    *
bridge_ciphers                 B string                   *        *    *
bridge_ciphers_tls1.3          B string                   *        *    *
bridge_identity                B string                   *        *    *
bridge_psk                     B string                   *        *    *
bridge_insecure                B boolean                  *        *    *
bridge_max_packet_size         B integer                  *        *    *
bridge_max_topic_alias         B integer                  *        *    *
bridge_outgoing_retain         B boolean                  *        *    *
bridge_protocol_version        B choice                   *        *    *
bridge_receive_maximum         B integer                  *        *    *
bridge_reload_type             B choice                   *        *    *
bridge_require_ocsp            B boolean                  *        *    *
bridge_session_expiry_interval B integer                  *        *    *
bridge_tcp_keepalive           B list                     *        *    *
bridge_tcp_user_timeout        B integer                  *        *    *
bridge_tls_use_os_certs        B boolean                  *        *    *
bridge_tls_version             B choice                   *        *    *
cleansession                   B boolean                  *        *    *
clientid                       B string                   *        *    *
remote_clientid                B string                   *        *    *
idle_timeout                   B integer                  *        *    *
keepalive_interval             B integer                  *        *    *
local_cleansession             B boolean                  *        *    *
local_clientid                 B string                   *        *    *
local_password                 B string                   *        *    *
local_username                 B string                   *        *    *
notification_topic             B string                   *        *    *
notifications                  B boolean                  *        *    *
notifications_local_only       B boolean                  *        *    *
password                       B string                   *        *    *
remote_password                B string                   *        *    *
restart_timeout                B list                     *        *    *
round_robin                    B boolean                  *        *    *
start_type                     B choice                   *        *    *
threshold                      B integer                  *        *    *
try_private                    B boolean                  *        *    *
username                       B string                   *        *    *
remote_username                B string                   *        *    *
dhparamfile                    * string                   *        *    *
retry_interval                 G integer                  *        *    *
websockets_log_level           G integer                  *        *    *
)";

/// A line of the text above.
struct Row {
  std::string key, scope, type, least_most, default_value, second, hup;
};

std::vector<Row> mosquitto_rows() {
  std::vector<Row> rows;
  std::istringstream text(mosquitto);
  for (Row row;
       text >> row.key >> row.scope >> row.type >> row.default_value >> row.second >> row.hup;) {
    const std::size_t colon = row.type.find(':');
    row.least_most = colon == std::string::npos ? "*" : row.type.substr(colon + 1);
    row.type.resize(std::min(colon, row.type.size()));
    rows.push_back(row);
  }
  return rows;
}

std::string letter(Scope scope) {
  switch (scope) {
    case Scope::global:
      return "G";
    case Scope::security:
      return "S";
    case Scope::listener:
      return "L";
    case Scope::listener_or_default:
      return "D";
    case Scope::named_listener:
      return "N";
    case Scope::bridge:
      return "B";
    case Scope::plugin:
      return "P";
  }
  return {};
}

std::string bounds(const Directive& row) {
  return fmt::format("{}{}..{}", row.bounds.least, row.bounds.negative_is_zero ? "-" : "",
                     row.bounds.most);
}

std::string default_of(const Directive& row) {
  std::string text = default_text(row);
  for (char& c : text) c = c == ' ' ? ',' : c;
  return text.empty() ? "-" : text;
}

std::string second(const Directive& row) {
  switch (row.repetition) {
    case Repetition::last_wins:
      return "last";
    case Repetition::refused:
      return "once";
    case Repetition::accumulates:
      return "adds";
  }
  return {};
}

}  // namespace

TEST_CASE("The table has the keys of mosquitto.conf as they are there") {
  const auto rows = mosquitto_rows();
  CHECK(rows.size() == 141);
  std::set<std::string> names;
  for (const Row& row : rows) {
    CAPTURE(row.key);
    CHECK(names.insert(row.key).second);
    const Directive* directive = find_directive(row.key);
    REQUIRE(directive != nullptr);
    const auto same = [](const std::string& there, const std::string& here) {
      if (there != "*") CHECK(there == here);
    };
    same(row.scope, letter(directive->scope));
    same(row.type, std::string(to_text(directive->type)));
    same(row.least_most, bounds(*directive));
    same(row.default_value, default_of(*directive));
    same(row.second, second(*directive));
    // As much as there is applied here on SIGHUP, and more.
    if (row.hup == "yes" && directive->support == Support::supported) {
      CHECK(directive->reload != ReloadEffect::restart);
    }
  }
}

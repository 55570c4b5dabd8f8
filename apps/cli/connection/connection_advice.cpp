#include "cli/connection/connection_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cli {

namespace {

using mqtt::ReasonCode;
using mqtt::client::ConnectionEnd;
using Cause = ConnectionEnd::Cause;

/// How the way to the broker was made, as far as advice depends on it.
enum class Way { any, plain, tls, web_socket, unix_socket };

constexpr std::string_view another_port_than_plain =
    "If this port is for TLS, use --cafile FILE or --tls-use-os-certs; if it is for WebSocket, use "
    "--ws.";
constexpr std::string_view no_tls_port =
    "If this port is not for TLS, leave out the TLS options (or use --no-tls).";
constexpr std::string_view no_web_socket_port =
    "If this port is not for WebSocket, leave out --ws; if it is for TLS, use --cafile FILE or "
    "--tls-use-os-certs.";
constexpr std::string_view nobody_answers =
    "Is the address right, and does no firewall stand in between?";

/// One row: what the library says about a failed attempt, on which way, and what helps.
struct Row {
  Way way;
  std::string_view words;  ///< a part of the text of the end
  std::string_view advice;
};

/// The first row that fits counts.
constexpr std::array rows{
    Row{Way::any, "the answer is TLS",
        "This port is for TLS: use --cafile FILE, or --tls-use-os-certs if a public authority has "
        "signed the broker's certificate."},
    Row{Way::plain, "the answer is HTTP", "If this port is for WebSocket, use --ws."},
    Row{Way::plain, "before it answered CONNECT", another_port_than_plain},
    Row{Way::plain, "connection reset", another_port_than_plain},
    Row{Way::tls, "does not seem to speak TLS", no_tls_port},
    Row{Way::tls, "TLS: connection closed during the handshake", no_tls_port},
    Row{Way::tls, "connection reset", no_tls_port},
    Row{Way::any, "WebSocket: connection closed during the handshake", no_web_socket_port},
    Row{Way::web_socket, "connection reset", no_web_socket_port},
    Row{Way::tls, "hostname mismatch",
        "The broker's certificate is for another name: give that one with -h, or accept any with "
        "--insecure."},
    Row{Way::tls, "IP address mismatch",
        "The broker's certificate is not for this address: give the name that it is for with -h, "
        "or "
        "accept any with --insecure."},
    Row{Way::tls, "certificate has expired", "The broker needs a new certificate."},
    Row{Way::tls, "certificate is not yet valid", "Is the clock of this machine right?"},
    Row{Way::tls, "certificate verify failed",
        "No authority that you trust has signed the broker's certificate: name its authority with "
        "--cafile FILE."},
    Row{Way::tls, "certificate required",
        "The broker wants to see a certificate: use --cert FILE and --key FILE."},
    Row{Way::unix_socket, "", "Is the broker running, and is this the path of its socket?"},
    Row{Way::any, "connection refused",
        "Nothing listens there: is the broker running, and is this its port?"},
    Row{Way::any, "unknown host name", "Is the name after -h, or in the URL, spelled right?"},
    Row{Way::any, "no answer in time", nobody_answers},
    Row{Way::any, "connection timed out", nobody_answers},
};

Way way_of(const ConnectionOptions& options) {
  if (options.is_unix_socket()) return Way::unix_socket;
  if (options.uses_tls()) return Way::tls;
  return options.web_socket ? Way::web_socket : Way::plain;
}

std::string advice_on_attempt(const ConnectionEnd& end, const ConnectionOptions& options) {
  const Way way = way_of(options);
  // What fails between here and the proxy is none of the broker's.
  if (end.text.starts_with("proxy:")) return {};
  if (options.tls.psk && way == Way::tls && end.text.starts_with("TLS")) {
    return "Are --psk and --psk-identity those that the broker knows?";
  }
  const auto* const row = std::ranges::find_if(rows, [&](const Row& one) {
    return (one.way == Way::any || one.way == way) &&
           end.text.find(one.words) != std::string_view::npos;
  });
  return row == rows.end() ? std::string() : std::string(row->advice);
}

std::string advice_on_refusal(const ConnectionEnd& end, const ConnectionOptions& options) {
  switch (end.reason) {
    case ReasonCode::unsupported_protocol_version:
      return mqtt::is_v5(options.version)
                 ? "Try connecting to an MQTT v5 broker, or use MQTT v3.x (-V 311)."
                 : "Try another version of MQTT: -V 5, -V 311 or -V 31.";
    case ReasonCode::bad_user_name_or_password:
    case ReasonCode::not_authorized:
      return options.user_name ? "Either the user name or the password is wrong, or this user may "
                                 "not connect here."
                               : "The broker may want a user name and a password: use -u NAME, and "
                                 "-P PASSWORD or "
                                 "--pw-file FILE.";
    case ReasonCode::client_identifier_not_valid:
      return "Try another client identifier (-i), or none.";
    default:
      return {};
  }
}

/// After the connection was there.
std::string advice_on_loss(const ConnectionEnd& end, const ConnectionOptions& options) {
  if (end.cause == Cause::by_server && end.reason == ReasonCode::session_taken_over) {
    return "Another client has connected with the same client identifier: give each its own (-i or "
           "-I).";
  }
  if (end.cause == Cause::by_server && end.reason == ReasonCode::packet_too_large) {
    return "The broker takes no message of this size.";
  }
  if (end.cause != Cause::lost || mqtt::is_v5(options.version)) return {};
  const bool has_id = options.client_id || options.client_id_prefix;
  return has_id
             ? "Perhaps another client has connected with the same client identifier; with MQTT 5 "
               "(-V 5) the broker gives the reason."
             : "With MQTT 5 (-V 5) the broker gives the reason.";
}

}  // namespace

std::string connection_advice(const ConnectionEnd& end, const ConnectionOptions& options,
                              bool was_connected) {
  if (end.cause == Cause::refused) return advice_on_refusal(end, options);
  if (end.cause == Cause::requested || end.cause == Cause::protocol_error) return {};
  return was_connected ? advice_on_loss(end, options) : advice_on_attempt(end, options);
}

}  // namespace cli

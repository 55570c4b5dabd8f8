#pragma once

#include <cstdint>
#include <string_view>

namespace mqtt {

/// Why a client did not send a request, or got no answer: detected on this side. (The server's own
/// answers are reason codes.)
enum class SendError : std::uint8_t {
  not_connected,
  window_full,   ///< as many messages in flight as the server allows; retry when one has completed
  queue_full,    ///< the client's own limit of waiting messages or bytes
  no_packet_id,  ///< all 65535 are in use
  nothing_to_send,  ///< no filter, or an AUTH without an authentication method
  topic_invalid,    ///< topic name or filter
  topic_alias_invalid,
  packet_too_large,  ///< for the protocol, or for the server's Maximum Packet Size
  qos_not_supported,
  retain_not_supported,
  shared_subscriptions_not_supported,
  wildcard_subscriptions_not_supported,
  subscription_identifiers_not_supported,
  session_lost,     ///< sent, but the server lost the session before it answered
  connection_lost,  ///< the connection ended before the message was sent, or the request answered
};

/// As text, such as "not connected".
std::string_view text(SendError error);

}  // namespace mqtt

#include "mqtt/protocol/send_error.h"

namespace mqtt {

std::string_view text(SendError error) {
  switch (error) {
    case SendError::not_connected:
      return "not connected";
    case SendError::window_full:
      return "too many messages in flight";
    case SendError::queue_full:
      return "too many messages waiting";
    case SendError::no_packet_id:
      return "no packet identifier is free";
    case SendError::nothing_to_send:
      return "nothing to send";
    case SendError::topic_invalid:
      return "invalid topic";
    case SendError::topic_alias_invalid:
      return "invalid topic alias";
    case SendError::packet_too_large:
      return "packet too large";
    case SendError::qos_not_supported:
      return "the server does not support this QoS";
    case SendError::retain_not_supported:
      return "the server does not support retained messages";
    case SendError::shared_subscriptions_not_supported:
      return "the server does not support shared subscriptions";
    case SendError::wildcard_subscriptions_not_supported:
      return "the server does not support wildcard subscriptions";
    case SendError::subscription_identifiers_not_supported:
      return "the server does not support subscription identifiers";
    case SendError::session_lost:
      return "the server lost the session";
    case SendError::connection_lost:
      return "the connection was lost";
  }
  return "unknown error";
}

}  // namespace mqtt

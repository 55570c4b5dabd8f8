#pragma once

#include <cstdint>

#include "message/message.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// A receiver in a match: the session, and what its matching subscription grants. A value; a
/// session has one for each of its matching subscriptions.
struct Receiver {
  SessionId session;
  mqtt::QoS qos = mqtt::QoS::at_most_once;  ///< the subscription's maximum
  bool no_local = false;
  bool retain_as_published = false;
  /// The filter of a client below a mount point begins with a wildcard: it does not match topics
  /// that begin with '$' there. [MQTT-4.7.2-1]
  bool skips_dollar = false;
  std::uint32_t subscription_identifier = 0;  ///< 0: none

  bool operator==(const Receiver&) const = default;
};

}  // namespace broker

#pragma once

#include <cstdint>

#include "message/message.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// One session's answer to a match: who receives, and what the subscription that matched grants.
/// A value; the same session stands here once per subscription of it that matches.
struct Receiver {
  SessionId session;
  mqtt::QoS qos = mqtt::QoS::at_most_once;  ///< the subscription's maximum
  bool no_local = false;
  bool retain_as_published = false;
  /// The filter begins with a wildcard for a client below a mount point: what begins with '$' there
  /// is not for it. [MQTT-4.7.2-1]
  bool skips_dollar = false;
  std::uint32_t subscription_identifier = 0;  ///< 0: none

  bool operator==(const Receiver&) const = default;
};

}  // namespace broker

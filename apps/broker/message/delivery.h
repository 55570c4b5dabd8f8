#pragma once

#include <cstdint>

#include "message/message.h"
#include "message/share_key.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// A message with what one receiver was granted: what queues and flows of a session hold.
struct Delivery {
  Delivery() = default;
  Delivery(MessagePtr kept, std::uint32_t identifier, mqtt::QoS granted, bool retained,
           ShareKeyPtr through = {}, std::uint32_t ticket = 0)
      : message(std::move(kept)),
        share(std::move(through)),
        payload_bytes(static_cast<std::uint32_t>(message->payload().size())),
        subscription_identifier(identifier),
        awaiting_verdict(ticket),
        qos(granted),
        retain(retained) {}

  MessagePtr message;
  /// The group that it came through: where it goes if the session ends. Or none.
  ShareKeyPtr share;
  /// Of the message, for accounts: when the delivery ends the message is no longer in any cache.
  std::uint32_t payload_bytes = 0;
  std::uint32_t subscription_identifier = 0;  ///< 0: none
  /// Not 0: an authoriser has yet to answer; the delivery and those behind it wait.
  std::uint32_t awaiting_verdict = 0;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  /// The rules, or the user, have changed since the client was granted it: ask before it is sent.
  bool to_be_asked = false;
};

}  // namespace broker

#pragma once

#include <cstdint>
#include <string>

#include "message.h"
#include "mqtt/protocol/packet.h"
#include "routing/match.h"
#include "routing/retained_tree.h"

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
};

/// Retained messages that a subscription has yet to receive. A cursor that the session moves when
/// it has room, so that a filter that matches a million topics costs no queue. What is stored after
/// the SUBSCRIBE comes to the subscription as any message, and not a second time here.
struct RetainedReplay {
  std::string filter;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  std::uint32_t subscription_identifier = 0;
  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> batch;  ///< collected, not yet granted; from `next` on
  std::size_t next = 0;
  bool search_goes_on = false;  ///< in a turn to come

  /// Forgets what is collected and not yet granted: by the time that the session has room it may
  /// have been replaced.
  void give_back_batch() {
    if (next != 0 && next < batch.size()) {
      cursor.last_topic = batch[next - 1]->topic().text();
      cursor.begun = true;
      cursor.done = false;
    }
    batch.clear();
    next = 0;
  }
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "message/message.h"
#include "message/publication.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/publish_receiver.h"
#include "session/fan_out.h"
#include "session/session_core.h"

namespace broker {

/// A QoS 2 message between PUBLISH and PUBREL.
struct HeldPublish {
  MessagePtr message;
  std::uint32_t repeated_in = 0;  ///< the attachment in which it came a second time
};

/// What a session keeps of the messages that its client sends: exists from the first of QoS 1 or 2.
struct ReceivingFlow : mqtt::PublishReceiver<HeldPublish> {
  using PublishReceiver::PublishReceiver;
  std::size_t held_payload_bytes = 0;
};

/// Messages from the client: a PUBLISH becomes a message, is checked, and is routed. QoS 0 and 1
/// are routed when they come; QoS 2 when its PUBREL releases it, so that it is routed exactly once.
///
/// A view of the session's state, made where it is used.
class Incoming {
 public:
  Incoming(SessionCore& core, std::unique_ptr<ReceivingFlow>& flow) : core_(core), flow_(flow) {}

  /// `packet.topic` is never empty here: the connection has resolved aliases.
  Checked<InputOutcome> on_publish(const mqtt::Publish& packet);
  Checked<InputOutcome> on_pubrel(std::uint16_t packet_id);

  void on_attached();
  void on_connection_lost();

  /// QoS 2 messages that were acknowledged and wait for their PUBREL, in order of arrival.
  struct Held {
    std::uint16_t packet_id = 0;
    MessagePtr message;
  };
  /// Takes them out.
  std::vector<Held> take();
  void restore(const std::vector<Held>& held);
  /// Nothing waits for a verdict or for its receivers.
  bool is_quiet() const;

 private:
  /// A message on its way from its PUBLISH to its acknowledgement.
  struct Undecided {
    MessagePtr message;
    std::uint16_t packet_id = 0;
    mqtt::ArrivalNumber arrival = 0;
  };

  Checked<> check(const mqtt::Publish& packet) const;
  MessageView to_message(const mqtt::Publish& packet, mqtt::TopicName topic) const;
  mqtt::ReasonCode refusal(const MessageView& message) const;
  Checked<mqtt::Arrived> arrive(const mqtt::Publish& packet, const MessageView& message);
  Checked<> note_held(const mqtt::Publish& packet, const MessageView& message);
  bool may_hold(std::size_t payload_bytes) const;
  Checked<bool> settle_repeat(HeldPublish& held, const mqtt::Publish& packet,
                              const MessageView& message);
  InputOutcome decide(const MessageView& message, std::uint16_t packet_id,
                      mqtt::ArrivalNumber arrival);
  void on_decided(const Undecided& it, Answered answered);
  InputOutcome finish(const MessageView& message, std::uint16_t packet_id,
                      mqtt::ArrivalNumber arrival, mqtt::ReasonCode refusal);
  void hold(Publication& publication, std::uint16_t packet_id);
  Verdict ask_again(const MessagePtr& held, std::uint16_t packet_id);
  void on_released(const Undecided& it, Answered answered);
  Routed publish_released(MessagePtr held, std::uint16_t packet_id);
  Routed route(Publication& publication, std::uint16_t packet_id, mqtt::ArrivalNumber arrival);
  InputOutcome answer_routed(mqtt::QoS qos, std::uint16_t packet_id, mqtt::ArrivalNumber arrival,
                             Routed routed);
  InputOutcome acknowledge(mqtt::ArrivalNumber arrival, mqtt::ReasonCode reason);
  void answer_control(const MessageView& message) const;
  void log_publish(const MessageView& message, std::uint16_t packet_id,
                   mqtt::ReasonCode refusal) const;
  ReceivingFlow& flow();

  SessionCore& core_;
  std::unique_ptr<ReceivingFlow>& flow_;
};

}  // namespace broker

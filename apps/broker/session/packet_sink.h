#pragma once

#include <cstdint>
#include <string_view>

#include "message/publication.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// A PUBLISH as a session wants it sent.
struct OutgoingPublish {
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  std::uint32_t subscription_identifier = 0;  ///< 0: none
};

enum class SendResult : std::uint8_t {
  sent,  ///< taken: it will be written, in order
  /// Larger than the client's Maximum Packet Size [MQTT-3.1.2-24], or of a topic that has no name
  /// below its mount point: not sent, and never can be.
  too_large,
  no_room,  ///< QoS 0 only: too much waits for this client already: not sent
};

/// What a session sees of its connection: where packets go. Calls only gather output and do
/// not call back into the session, but for those that give held up input its end.
class PacketSink {
 public:
  virtual SendResult send_publish(Publication& publication, const OutgoingPublish& out) = 0;
  /// PUBACK, PUBREC, PUBREL, PUBCOMP. Never refused: control packets do not wait behind data
  /// limits.
  virtual void send_acknowledgement(mqtt::PacketType type, std::uint16_t packet_id,
                                    mqtt::ReasonCode reason) = 0;
  virtual void send(const mqtt::Suback& packet) = 0;
  virtual void send(const mqtt::Unsuback& packet) = 0;
  /// A PUBLISH of the client has been decided on, for the log (see PacketLog): `refusal` is an
  /// error if it goes no further. Called only while the log wants such lines.
  virtual void log_publish(const MessageView& message, bool dup, std::uint16_t packet_id,
                           mqtt::ReasonCode refusal) {
    static_cast<void>(message);
    static_cast<void>(dup);
    static_cast<void>(packet_id);
    static_cast<void>(refusal);
  }
  /// Whether queued messages may go out now, or should wait in their queue until `on_room` of the
  /// session is called.
  virtual bool has_room() const = 0;
  /// Goes on with input that the session had held up (see InputOutcome::wait).
  virtual void continue_input() = 0;
  /// The input that the session had held up breaks a rule: ends the connection, telling a v5 client
  /// why. Like `continue_input` it is the last that a session does, for it may end within.
  virtual void reject_input(mqtt::ReasonCode reason, std::string_view detail) = 0;
  /// Ends the connection, telling a v5 client why. The session hears `connection_lost` later, not
  /// within this call.
  virtual void disconnect(mqtt::ReasonCode reason) = 0;
  /// The beginning of the session is kept (see Session::await_connack): CONNACK may leave.
  virtual void session_kept() = 0;
  /// The session belongs to another connection from now on: forgets the session and ends, telling a
  /// v5 client so. [MQTT-3.1.4-3]
  virtual void session_taken_over() = 0;

 protected:
  ~PacketSink() = default;
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <memory>
#include <variant>

#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/ring_queue.h"
#include "session/journal.h"
#include "session/packet_sink.h"

namespace broker {

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
struct Acknowledgement {
  mqtt::PacketType type = mqtt::PacketType::puback;
  std::uint16_t packet_id = 0;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
};

/// CONNACK, which the connection writes itself.
struct SessionKept {};

/// The answers of one session that wait for the journal, in the order in which they were given. One
/// that waits holds back those behind it, so order never depends on what had to be kept.
/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4]
///
/// Belongs to a session; lives for one connection, and only while something waits.
class WaitingAnswers {
 public:
  using Answer = std::variant<Acknowledgement, mqtt::Suback, mqtt::Unsuback, SessionKept>;

  bool empty() const { return waiting_.empty(); }
  /// PUBACKs among them: each still holds a slot of the window that the client was granted.
  std::size_t pubacks() const { return pubacks_; }
  /// Enough wait: the client is not read until some have left. However it ignores its window, it
  /// cannot make the broker keep more than this and one answer.
  bool full() const { return bytes_ >= most_bytes; }
  static constexpr std::size_t most_bytes = std::size_t{256} * 1024;

  static void send(const Answer& answer, PacketSink& sink);

  void add(Position position, Answer answer);
  Position next_position() const { return waiting_.front().position; }
  /// Sends what waits for nothing later than `committed`.
  void release(Position committed, PacketSink& sink);

 private:
  struct Waiting {
    Position position = 0;
    Answer answer;
  };
  static std::size_t bytes_of(const Answer& answer);

  mqtt::RingQueue<Waiting> waiting_;
  std::size_t pubacks_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace broker

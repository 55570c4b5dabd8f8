#pragma once

#include <cstdint>
#include <vector>

#include "message/message.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// The encodings that one message has taken in its fan-out, so that each wire form (version, QoS,
/// retain) is made once however many receivers want it. Scratch memory of one worker, reused from
/// message to message.
class WireForms {
 public:
  /// Payloads up to this size are worth copying with their header; larger ones are shared instead.
  static constexpr std::size_t max_payload = 2048;

  /// Forgets what it knows: a new message begins.
  void reset() { used_ = 0; }

  /// The whole packet, for receivers without alias and subscription identifier. At QoS 1 and 2
  /// the writer fills the packet identifier in at `id_offset`. Valid until `reset`.
  struct Form {
    mqtt::ByteView bytes;
    std::size_t id_offset = 0;
  };
  Form get(const MessageView& message, mqtt::ProtocolVersion version, mqtt::QoS qos, bool retain,
           Millis now);

 private:
  struct Entry {
    std::uint8_t key = 0;
    std::size_t id_offset = 0;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Entry> entries_;
  std::size_t used_ = 0;
};

/// Whole seconds left of a message's life, rounded up; 0: it does not expire. At least 1 of one
/// that does: what is sent again after its time must not seem to live for ever.
std::uint32_t expiry_seconds_left(Millis expires_at, Millis now);

}  // namespace broker

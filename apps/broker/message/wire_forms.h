#pragma once

#include <cstdint>
#include <vector>

#include "message/message.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// The encodings of one message in a fan-out: each wire form (version, QoS, retain) is encoded
/// once, however many receivers need it. Scratch memory of one worker, reused for each message.
class WireForms {
 public:
  /// Payloads up to this size are worth copying with their header; larger ones are shared instead.
  static constexpr std::size_t max_payload = 2048;

  /// Discards all encodings, for a new message.
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

/// Whole seconds until a message expires, rounded up; 0: never. At least 1 if it does expire: a
/// message sent again after its expiry must not seem to never expire.
std::uint32_t expiry_seconds_left(Millis expires_at, Millis now);

}  // namespace broker

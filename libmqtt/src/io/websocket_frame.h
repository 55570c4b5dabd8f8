#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "mqtt/protocol/bytes.h"

/// The frames of RFC 6455, section 5.
namespace mqtt::io {

enum class WebSocketOpcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// Why a connection is closed (section 7.4.1); sent in the close frame.
enum class WebSocketClose : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unacceptable_data = 1003,
  too_big = 1009,
};

using WebSocketMask = std::array<std::uint8_t, 4>;

struct WebSocketFrameHeader {
  bool is_final = true;
  std::uint8_t reserved = 0;                         ///< the bits RSV1 to RSV3
  WebSocketOpcode opcode = WebSocketOpcode::binary;  ///< any value from the wire
  std::optional<WebSocketMask> mask;
  std::uint64_t length = 0;

  bool is_control() const { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }
};

/// The longest header: two bytes, a length of eight, a mask of four.
inline constexpr std::size_t websocket_header_limit = 14;

/// Writes a header; returns its size.
std::size_t write_websocket_header(const WebSocketFrameHeader& header,
                                   std::span<std::uint8_t, websocket_header_limit> out);

/// Masks or unmasks `from`, which begins `offset` bytes into the payload, into `to` of the same
/// size. They may be the same.
void apply_websocket_mask(const WebSocketMask& mask, std::uint64_t offset, ByteView from,
                          MutableByteView to);

/// Collects a header from pieces of any size.
class WebSocketHeaderReader {
 public:
  enum class Outcome : std::uint8_t { need_more, complete, malformed };

  /// Removes bytes from the front of `bytes`, up to the end of the header. A length that fits into
  /// fewer bytes, or has its highest bit set, is malformed.
  Outcome take(ByteView& bytes);
  /// The complete header; the next `take` begins a new one.
  const WebSocketFrameHeader& header() const { return header_; }

 private:
  std::size_t size() const;
  Outcome decode();

  std::array<std::uint8_t, websocket_header_limit> bytes_{};
  std::uint8_t count_ = 0;
  WebSocketFrameHeader header_;
};

}  // namespace mqtt::io

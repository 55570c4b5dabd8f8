#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mqtt/protocol/encode.h"

/// The file format; docs/record-format.md has the details.
///
///     recording = header, one zstd frame
///     header    = a skippable frame of zstd with `magic`, version and a reserved number
///     the frame's content = blocks
///     block     = size and CRC-32C of the body, body
///     body      = time, at least one record
///     record    = nanoseconds since the previous record (or the body's time), an MQTT 5 PUBLISH
///
/// Numbers are little-endian; the one before a packet has seven bits per byte, of minimal length.
namespace recording {

inline constexpr std::uint32_t skippable_magic = 0x184D2A50;
inline constexpr std::string_view magic = "MQTT-REC";
inline constexpr std::uint16_t version = 1;

/// Magic number and length of the skippable frame, `magic`, version, reserved.
inline constexpr std::size_t header_bytes = 4 + 4 + magic.size() + 2 + 2;
/// Size and checksum before a block's body.
inline constexpr std::size_t block_head_bytes = 4 + 4;
/// The time at the beginning of a block's body.
inline constexpr std::size_t block_time_bytes = 8;
/// Nine bytes of seven bits hold every time of 63 bits.
inline constexpr std::size_t most_gap_bytes = 9;

/// A writer closes a block at this size.
inline constexpr std::size_t full_block_bytes = 64 * 1024;
/// The maximum body: one packet of the maximum size on top of a block that is not full.
inline constexpr std::size_t most_body_bytes =
    full_block_bytes + most_gap_bytes + mqtt::max_encodable_size;

/// The window of compression, as a power of two, and the most that a reader accepts.
inline constexpr int window_log = 20;

template <typename Number>
std::array<char, sizeof(Number)> to_little_endian(Number number) {
  std::array<char, sizeof(Number)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(number >> (8 * i) & 0xFF);
  }
  return bytes;
}

/// Parses the first bytes of `bytes`, which must be long enough.
template <typename Number>
Number from_little_endian(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return number;
}

}  // namespace recording

#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// Bytes that `value` takes as a Variable Byte Integer.
constexpr std::size_t variable_byte_integer_size(std::size_t value) {
  return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

/// Writes the data representations of MQTT 5.0 section 1.5 one behind the other. Room for them is
/// the caller's care.
class WireWriter {
 public:
  explicit WireWriter(std::uint8_t* out) : at_(out) {}

  std::uint8_t* end() const { return at_; }

  WireWriter& byte(unsigned value) {
    *at_++ = static_cast<std::uint8_t>(value);
    return *this;
  }

  WireWriter& two_byte_integer(unsigned value) { return byte(value >> 8).byte(value & 0xFF); }

  WireWriter& four_byte_integer(std::uint32_t value) {
    return two_byte_integer(value >> 16).two_byte_integer(value & 0xFFFF);
  }

  WireWriter& variable_byte_integer(std::size_t value) {
    assert(value <= 268'435'455);
    // The loop leaves no leading zero digit: the fewest bytes that can say it. [MQTT-1.5.5-1]
    while (value >= 128) {
      byte(static_cast<unsigned>(value & 0x7F) | 0x80U);
      value >>= 7;
    }
    return byte(static_cast<unsigned>(value));
  }

  WireWriter& bytes(ByteView bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
    return *this;
  }

  /// With two bytes of length before it.
  WireWriter& binary(ByteView value) {
    assert(value.size() <= 65'535);
    return two_byte_integer(static_cast<unsigned>(value.size())).bytes(value);
  }
  WireWriter& text(std::string_view value) { return binary(as_bytes(value)); }

 private:
  std::uint8_t* at_;
};

}  // namespace mqtt

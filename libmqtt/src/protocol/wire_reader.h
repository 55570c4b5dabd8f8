#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// Reads the data representations of MQTT 5.0 section 1.5 off the front of a byte string.
///
/// The first read that the bytes do not satisfy fails the reader: from then on every read answers
/// zero or empty, and `ok` says false. So a packet is read in one go and asked once.
class WireReader {
 public:
  explicit WireReader(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool at_end() const { return at_ == end_; }

  std::uint8_t byte() {
    if (!has(1)) return 0;
    return *at_++;
  }

  std::uint16_t two_byte_integer() {
    if (!has(2)) return 0;
    const auto value = static_cast<std::uint16_t>(at_[0] << 8 | at_[1]);
    at_ += 2;
    return value;
  }

  std::uint32_t four_byte_integer() {
    if (!has(4)) return 0;
    const std::uint32_t value = std::uint32_t{at_[0]} << 24 | std::uint32_t{at_[1]} << 16 |
                                std::uint32_t{at_[2]} << 8 | std::uint32_t{at_[3]};
    at_ += 4;
    return value;
  }

  /// At most four bytes, and no more of them than the value needs. [MQTT-1.5.5-1]
  std::uint32_t variable_byte_integer() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift <= 21; shift += 7) {
      if (!has(1)) return 0;
      const std::uint8_t digit = *at_++;
      value |= (digit & 0x7FU) << shift;
      if ((digit & 0x80U) == 0) {
        if (digit == 0 && shift != 0) return fail();
        return value;
      }
    }
    return fail();
  }

  /// Two bytes of length and what they announce; whether it is UTF-8 is not checked here.
  std::string_view text() { return as_text(binary()); }
  ByteView binary() { return take(two_byte_integer()); }

  ByteView take(std::size_t size) {
    if (!has(size)) return {};
    const ByteView bytes(at_, size);
    at_ += size;
    return bytes;
  }

  ByteView rest() { return take(left()); }

 private:
  bool has(std::size_t size) {
    if (left() >= size) return true;
    fail();
    return false;
  }

  std::uint32_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

}  // namespace mqtt

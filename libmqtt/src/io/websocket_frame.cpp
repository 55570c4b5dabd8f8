#include "websocket_frame.h"

#include <algorithm>
#include <cstring>

namespace mqtt::io {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_in_two_bytes = 126;
constexpr std::uint8_t length_in_eight_bytes = 127;

std::size_t extra_length_bytes(std::uint8_t short_length) {
  if (short_length == length_in_two_bytes) return 2;
  return short_length == length_in_eight_bytes ? 8 : 0;
}

std::uint8_t low_byte(std::uint64_t value) {
  return static_cast<std::uint8_t>(value & 0xFF);
}

}  // namespace

std::size_t write_websocket_header(const WebSocketFrameHeader& header,
                                   std::span<std::uint8_t, websocket_header_limit> out) {
  std::uint8_t short_length = low_byte(header.length);
  if (header.length > 0xFFFF) {
    short_length = length_in_eight_bytes;
  } else if (header.length >= length_in_two_bytes) {
    short_length = length_in_two_bytes;
  }
  out[0] = static_cast<std::uint8_t>((header.is_final ? final_bit : 0) | header.reserved << 4 |
                                     static_cast<std::uint8_t>(header.opcode));
  out[1] = static_cast<std::uint8_t>((header.mask ? mask_bit : 0) | short_length);
  std::size_t size = 2;
  for (std::size_t left = extra_length_bytes(short_length); left > 0; --left) {
    out[size++] = low_byte(header.length >> (8 * (left - 1)));
  }
  if (header.mask) {
    std::copy(header.mask->begin(), header.mask->end(), out.subspan(size).begin());
    size += header.mask->size();
  }
  return size;
}

void apply_websocket_mask(const WebSocketMask& mask, std::uint64_t offset, ByteView from,
                          MutableByteView to) {
  // Eight bytes at a time; the mask repeats every four, so it only needs to begin at the right one.
  std::array<std::uint8_t, 8> repeated{};
  for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = mask[(offset + i) % 4];
  std::uint64_t wide_mask = 0;
  std::memcpy(&wide_mask, repeated.data(), sizeof wide_mask);
  std::size_t at = 0;
  for (; from.size() - at >= sizeof wide_mask; at += sizeof wide_mask) {
    std::uint64_t wide = 0;
    std::memcpy(&wide, from.data() + at, sizeof wide);
    wide ^= wide_mask;
    std::memcpy(to.data() + at, &wide, sizeof wide);
  }
  for (; at < from.size(); ++at) {
    to[at] = static_cast<std::uint8_t>(from[at] ^ repeated[at % repeated.size()]);
  }
}

std::size_t WebSocketHeaderReader::size() const {
  const auto short_length = static_cast<std::uint8_t>(bytes_[1] & ~mask_bit);
  return 2 + extra_length_bytes(short_length) + ((bytes_[1] & mask_bit) != 0 ? 4 : 0);
}

WebSocketHeaderReader::Outcome WebSocketHeaderReader::take(ByteView& bytes) {
  while (!bytes.empty()) {
    bytes_[count_++] = bytes.front();
    bytes = bytes.subspan(1);
    if (count_ < 2 || count_ < size()) continue;
    count_ = 0;
    return decode();
  }
  return Outcome::need_more;
}

WebSocketHeaderReader::Outcome WebSocketHeaderReader::decode() {
  header_.is_final = (bytes_[0] & final_bit) != 0;
  header_.reserved = static_cast<std::uint8_t>((bytes_[0] >> 4) & 0x7);
  header_.opcode = static_cast<WebSocketOpcode>(bytes_[0] & 0xF);
  const auto short_length = static_cast<std::uint8_t>(bytes_[1] & ~mask_bit);
  const std::size_t extra = extra_length_bytes(short_length);
  header_.length = extra == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extra; ++i) header_.length = header_.length << 8 | bytes_[2 + i];
  header_.mask.reset();
  if ((bytes_[1] & mask_bit) != 0) {
    std::copy_n(bytes_.begin() + 2 + static_cast<std::ptrdiff_t>(extra), 4,
                header_.mask.emplace().begin());
  }
  const bool too_long_for_two = header_.length > 0xFFFF;
  const bool is_minimal = extra == 0 || (extra == 2 && header_.length >= length_in_two_bytes) ||
                          (extra == 8 && too_long_for_two);
  const bool has_highest_bit = header_.length >> 63 != 0;
  return is_minimal && !has_highest_bit ? Outcome::complete : Outcome::malformed;
}

}  // namespace mqtt::io

#include "mqtt/protocol/frame_reader.h"

#include <algorithm>
#include <utility>

#include "mqtt/protocol/packet_type.h"

namespace mqtt {
namespace {

constexpr std::size_t max_length_digits = 4;  // MQTT 5.0 section 1.5.5

/// Packet type and length, read from the front of a frame.
struct FixedHeader {
  FrameStatus status = FrameStatus::need_more;  ///< frame: the header is complete
  std::size_t header_size = 0;
  std::size_t frame_size = 0;
  Malformed malformed;
};

FixedHeader refuse(ReasonCode reason, std::string_view detail, Malformed::Reply reply) {
  return {FrameStatus::malformed, 0, 0, {reason, detail, reply}};
}

FixedHeader read_fixed_header(ByteView bytes, std::size_t max_size) {
  std::size_t body_size = 0;
  for (std::size_t digit = 0; digit < max_length_digits; ++digit) {
    if (bytes.size() < digit + 2) return {};
    body_size |= std::size_t{bytes[digit + 1] & 0x7FU} << (7 * digit);
    if ((bytes[digit + 1] & 0x80U) != 0) continue;

    const std::size_t header_size = digit + 2;
    if (header_size + body_size <= max_size) {
      return {FrameStatus::frame, header_size, header_size + body_size, {}};
    }
    // Whoever sends too large a CONNECT has not said yet in which form to be answered.
    const bool is_connect = bytes[0] >> 4 == static_cast<int>(PacketType::connect);
    return refuse(ReasonCode::packet_too_large, "packet is too large",
                  is_connect ? Malformed::Reply::none : Malformed::Reply::in_kind);
  }
  return refuse(ReasonCode::malformed_packet, "length field has more than four bytes",
                Malformed::Reply::none);
}

}  // namespace

FrameResult read_frame(ByteView bytes, std::size_t max_size) {
  const FixedHeader header = read_fixed_header(bytes, max_size);
  if (header.status == FrameStatus::malformed) return {header.status, {}, header.malformed};
  if (header.status == FrameStatus::need_more || bytes.size() < header.frame_size) return {};
  const std::size_t body_size = header.frame_size - header.header_size;
  return {FrameStatus::frame,
          {bytes[0], bytes.subspan(header.header_size, body_size), header.frame_size},
          {}};
}

void FrameReader::feed(ByteView bytes) {
  keep_unread();
  lent_ = bytes;
}

FrameResult FrameReader::next() {
  if (kept_ && !kept_->unread().empty()) return next_kept();
  return next_lent();
}

FrameResult FrameReader::next_lent() {
  const FrameResult result = read_frame(lent_, max_packet_size_);
  if (result.status == FrameStatus::frame) lent_ = lent_.subspan(result.frame.size);
  return result;
}

/// A frame that begins in `kept_`. What it lacks is moved there from `lent_`: first, byte by byte,
/// its fixed header, then what that announces, as far as it has arrived.
FrameResult FrameReader::next_kept() {
  while (true) {
    const ByteView kept = kept_->unread();
    const FrameResult result = read_frame(kept, max_packet_size_);
    if (result.status == FrameStatus::frame) kept_->used += result.frame.size;
    if (result.status != FrameStatus::need_more || lent_.empty()) return result;

    const FixedHeader header = read_fixed_header(kept, max_packet_size_);
    const bool is_complete = header.status == FrameStatus::frame;
    const std::size_t missing = is_complete ? header.frame_size - kept.size() : 1;
    keep(std::min(missing, lent_.size()));
  }
}

/// Moves `size` bytes from the front of `lent_` behind the unread part of what is kept.
void FrameReader::keep(std::size_t size) {
  std::vector<std::uint8_t>& bytes = kept_->bytes;
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept_->used));
  kept_->used = 0;
  bytes.insert(bytes.end(), lent_.begin(), lent_.begin() + static_cast<std::ptrdiff_t>(size));
  lent_ = lent_.subspan(size);
}

void FrameReader::keep_unread() {
  if (unread_size() == 0) {
    kept_.reset();
    return;
  }
  if (lent_.empty()) return;
  if (!kept_) kept_ = std::make_unique<Kept>();
  keep(lent_.size());
}

std::size_t FrameReader::unread_size() const {
  return lent_.size() + (kept_ ? kept_->unread().size() : 0);
}

std::vector<std::uint8_t> FrameReader::take_unread() {
  keep_unread();
  if (!kept_) return {};
  if (kept_->used != 0) keep(0);
  return std::move(std::exchange(kept_, nullptr)->bytes);
}

}  // namespace mqtt

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/packet_type.h"

namespace mqtt {

/// One whole control packet, still encoded.
struct Frame {
  std::uint8_t first_byte = 0;  ///< packet type and flags
  ByteView body;                ///< variable header and payload: "remaining length" bytes
  std::size_t size = 0;         ///< the whole packet, fixed header included

  /// 0 is possible: the type is checked by decode, not here.
  std::uint8_t type_number() const { return first_byte >> 4; }
  std::uint8_t flags() const { return first_byte & 0x0F; }
};

enum class FrameStatus : std::uint8_t { frame, need_more, malformed };

struct FrameResult {
  FrameStatus status = FrameStatus::need_more;
  Frame frame;          ///< status frame
  Malformed malformed;  ///< status malformed: bad length field, or larger than allowed
};

/// Reads one frame from the front of `bytes`. `need_more` if they end within it; a frame longer
/// than `max_size` bytes is malformed (Packet too large) as soon as its length can be read.
FrameResult read_frame(ByteView bytes, std::size_t max_size);

/// Cuts a byte stream into whole packets.
///
/// Bytes are lent by `feed` and parsed in place; only what is left of an incomplete packet is
/// copied, and the memory for it grows with what has arrived, never with what a length field
/// announces. Between two calls of `feed` an idle reader owns no memory.
///
/// Always true: every byte fed is part of exactly one frame that was returned, or is in `unread`.
/// A view in a returned frame is valid until the next call of `next`, `keep_unread` or `feed`.
///
/// Use: feed(bytes); while (next().status == frame) ...; keep_unread().
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_packet_size) { set_max_packet_size(max_packet_size); }

  /// A new limit, from the next frame on.
  void set_max_packet_size(std::size_t bytes) {
    max_packet_size_ = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX));
  }

  /// Lends `bytes`: they must stay valid and unchanged until `keep_unread`.
  void feed(ByteView bytes);

  /// The next whole packet, need_more, or malformed (and then always malformed).
  FrameResult next();

  /// Copies all unread bytes; afterwards the bytes lent by `feed` may be freed.
  void keep_unread();

  /// Bytes that were fed and are not yet part of a returned frame, in order (kept ones first).
  std::size_t unread_size() const;
  /// Hands over all unread bytes (to another reader, on another thread); empty afterwards.
  std::vector<std::uint8_t> take_unread();

 private:
  FrameResult next_kept();
  FrameResult next_lent();
  void keep(std::size_t size);

  /// The bytes before `lent_`, usually the start of one packet. Null while nothing is kept.
  struct Kept {
    std::vector<std::uint8_t> bytes;
    std::size_t used = 0;  ///< bytes at the front that belong to returned frames

    ByteView unread() const { return ByteView(bytes).subspan(used); }
  };

  std::unique_ptr<Kept> kept_;
  ByteView lent_;
  std::uint32_t max_packet_size_ = 0;
};

}  // namespace mqtt

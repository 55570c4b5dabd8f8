#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "support/packet_text.h"

/// A stream of bytes as a peer may send them, read in one protocol version: cut into frames, each
/// frame decoded, and what is a packet encoded and decoded again.
namespace decode_stream {

inline constexpr std::size_t max_packet_size = 70'000;

inline void require(bool condition) {
  if (!condition) std::abort();
}

/// A copy that ends where its memory ends, so that a sanitizer sees every byte read beyond.
class Copy {
 public:
  explicit Copy(mqtt::ByteView bytes)
      : bytes_(new std::uint8_t[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  mqtt::ByteView view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_;
};

/// Encoding takes as many bytes as it said, no more than the packet came in, and loses nothing.
inline void check_packet(const mqtt::Packet& packet, std::size_t size,
                         mqtt::ProtocolVersion version) {
  const std::size_t encoded_size = mqtt::encoded_size(packet, version);
  std::vector<std::uint8_t> bytes(encoded_size);
  require(mqtt::encode(packet, version, bytes.data()) == bytes.data() + encoded_size);
  // One byte more: a v5 client reads the two-byte CONNACK of an older server.
  require(encoded_size <= size + 1);
  const auto again = mqtt::decode(bytes, version, encoded_size);
  const auto* decoded = std::get_if<mqtt::DecodedPacket>(&again);
  require(decoded != nullptr && decoded->size == encoded_size);
  require(packet_text::to_text(decoded->packet) == packet_text::to_text(packet));
}

inline void check_frame(const mqtt::Frame& frame, mqtt::ProtocolVersion version) {
  const Copy body(frame.body);
  const mqtt::Frame copy{frame.first_byte, body.view(), frame.size};
  const auto packet = mqtt::decode(copy, version);
  if (packet) {
    require(static_cast<unsigned>(mqtt::type_of(*packet)) == frame.type_number());
    check_packet(*packet, frame.size, version);
  } else {
    require(!packet.error().detail.empty());
    require(mqtt::is_error(packet.error().reason));
  }
}

/// The same bytes in pieces, whose sizes depend on the bytes: the same frames have to come out.
inline void check_pieces(mqtt::ByteView stream) {
  mqtt::FrameReader reader(max_packet_size);
  std::size_t read = 0;  // bytes of `stream` that came out as frames
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(1 + stream[at] % 7U, stream.size() - at);
    const Copy piece(stream.subspan(at, size));
    at += size;
    reader.feed(piece.view());
    mqtt::FrameResult result;
    while ((result = reader.next()).status == mqtt::FrameStatus::frame) {
      const auto expected = mqtt::read_frame(stream.subspan(read), max_packet_size);
      require(expected.status == mqtt::FrameStatus::frame);
      require(expected.frame.first_byte == result.frame.first_byte);
      require(std::equal(expected.frame.body.begin(), expected.frame.body.end(),
                         result.frame.body.begin(), result.frame.body.end()));
      read += result.frame.size;
    }
    require(result.status ==
            mqtt::read_frame(stream.subspan(read, at - read), max_packet_size).status);
    reader.keep_unread();
    require(reader.unread_size() == at - read);
  }
}

inline void run(mqtt::ByteView stream, mqtt::ProtocolVersion version) {
  check_pieces(stream);
  while (true) {
    const mqtt::FrameResult result = mqtt::read_frame(stream, max_packet_size);
    if (result.status != mqtt::FrameStatus::frame) return;
    require(result.frame.size <= stream.size());
    check_frame(result.frame, version);
    stream = stream.subspan(result.frame.size);
  }
}

}  // namespace decode_stream

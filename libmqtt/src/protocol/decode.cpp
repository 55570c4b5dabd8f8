#include "mqtt/protocol/decode.h"

#include <utility>

#include "malformed_result.h"

namespace mqtt {
namespace {

/// One alternative of `Packet` out of a decoded one.
template <class T>
Decoded<Packet> packet_of(Decoded<T> decoded) {
  if (!decoded) return tl::unexpected(decoded.error());
  return Packet(std::move(*decoded));
}

}  // namespace

Decoded<Packet> decode(const Frame& frame, ProtocolVersion version) {
  if (frame.type_number() == 0) return protocol_error("packet type 0");
  switch (static_cast<PacketType>(frame.type_number())) {
    case PacketType::connect:
      return packet_of(decode_connect(frame));
    case PacketType::connack:
      return packet_of(decode_connack(frame, version));
    case PacketType::publish:
      return packet_of(decode_publish(frame, version));
    case PacketType::puback:
      return packet_of(decode_puback(frame, version));
    case PacketType::pubrec:
      return packet_of(decode_pubrec(frame, version));
    case PacketType::pubrel:
      return packet_of(decode_pubrel(frame, version));
    case PacketType::pubcomp:
      return packet_of(decode_pubcomp(frame, version));
    case PacketType::subscribe:
      return packet_of(decode_subscribe(frame, version));
    case PacketType::suback:
      return packet_of(decode_suback(frame, version));
    case PacketType::unsubscribe:
      return packet_of(decode_unsubscribe(frame, version));
    case PacketType::unsuback:
      return packet_of(decode_unsuback(frame, version));
    case PacketType::pingreq:
      return packet_of(decode_pingreq(frame, version));
    case PacketType::pingresp:
      return packet_of(decode_pingresp(frame, version));
    case PacketType::disconnect:
      return packet_of(decode_disconnect(frame, version));
    case PacketType::auth:
      return packet_of(decode_auth(frame, version));
  }
  return protocol_error("unknown packet type");
}

std::variant<DecodedPacket, NeedMore, Malformed> decode(ByteView bytes, ProtocolVersion version,
                                                        std::size_t max_size) {
  const FrameResult result = read_frame(bytes, max_size);
  if (result.status == FrameStatus::need_more) return NeedMore{};
  if (result.status == FrameStatus::malformed) return result.malformed;
  Decoded<Packet> packet = decode(result.frame, version);
  if (!packet) return packet.error();
  return DecodedPacket{std::move(*packet), result.frame.size};
}

}  // namespace mqtt

#pragma once

#include <cstddef>
#include <tl/expected.hpp>
#include <variant>

#include "mqtt/protocol/filter_reader.h"
#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/packet.h"

/// Bytes to packets. Every rule of the standard that one packet alone can break is checked here;
/// rules that need state (aliases, windows, who may send what when) belong to connection and
/// session.
namespace mqtt {

template <class T>
using Decoded = tl::expected<T, Malformed>;

/// Decodes a CONNECT, which contains its version. An unsupported protocol version comes
/// back with the CONNACK form to answer in (`Malformed::reply`).
Decoded<Connect> decode_connect(const Frame& frame);

/// The hot path: no allocation, nothing copied.
Decoded<Publish> decode_publish(const Frame& frame, ProtocolVersion version);

Decoded<Puback> decode_puback(const Frame& frame, ProtocolVersion version);
Decoded<Pubrec> decode_pubrec(const Frame& frame, ProtocolVersion version);
Decoded<Pubrel> decode_pubrel(const Frame& frame, ProtocolVersion version);
Decoded<Pubcomp> decode_pubcomp(const Frame& frame, ProtocolVersion version);
Decoded<Subscribe> decode_subscribe(const Frame& frame, ProtocolVersion version);
Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, ProtocolVersion version);
/// The same packets up to their filters, which a FilterReader reads.
Decoded<UnreadFilters> decode_subscribe_header(const Frame& frame, ProtocolVersion version);
Decoded<UnreadFilters> decode_unsubscribe_header(const Frame& frame, ProtocolVersion version);
Decoded<Disconnect> decode_disconnect(const Frame& frame, ProtocolVersion version);
Decoded<Auth> decode_auth(const Frame& frame, ProtocolVersion version);
Decoded<Pingreq> decode_pingreq(const Frame& frame, ProtocolVersion version);
Decoded<Connack> decode_connack(const Frame& frame, ProtocolVersion version);
Decoded<Suback> decode_suback(const Frame& frame, ProtocolVersion version);
Decoded<Unsuback> decode_unsuback(const Frame& frame, ProtocolVersion version);
Decoded<Pingresp> decode_pingresp(const Frame& frame, ProtocolVersion version);

/// Any packet, by its type.
Decoded<Packet> decode(const Frame& frame, ProtocolVersion version);

struct DecodedPacket {
  Packet packet;
  std::size_t size = 0;  ///< bytes of input consumed
};
struct NeedMore {};

/// Decodes the first packet of `bytes`: a packet and its size, need more, or malformed.
std::variant<DecodedPacket, NeedMore, Malformed> decode(ByteView bytes, ProtocolVersion version,
                                                        std::size_t max_size);

}  // namespace mqtt

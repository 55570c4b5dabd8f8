#pragma once

#include <cstddef>
#include <vector>

#include "mqtt/protocol/packet.h"

/// Packets to bytes, into the caller's memory.
///
/// For every packet: `encoded_size` returns its size; `encode` writes exactly that many bytes to
/// `out` (which must have space for them) and returns the end. The caller must pass valid packets,
/// as `decode` would accept them; debug builds assert this. Acknowledgements, DISCONNECT and AUTH
/// take their shortest form: no reason code when it is 0 and there are no properties.
namespace mqtt {

/// The largest packet that the four-byte length field can describe, fixed header included.
inline constexpr std::size_t max_encodable_size = 268'435'455 + 5;

std::size_t encoded_size(const Connect& packet);
std::uint8_t* encode(const Connect& packet, std::uint8_t* out);

std::size_t encoded_size(const Packet& packet, ProtocolVersion version);
std::uint8_t* encode(const Packet& packet, ProtocolVersion version, std::uint8_t* out);

#define MQTT_ENCODE(Type)                                                \
  std::size_t encoded_size(const Type& packet, ProtocolVersion version); \
  std::uint8_t* encode(const Type& packet, ProtocolVersion version, std::uint8_t* out)
MQTT_ENCODE(Connack);
MQTT_ENCODE(Publish);
MQTT_ENCODE(Puback);
MQTT_ENCODE(Pubrec);
MQTT_ENCODE(Pubrel);
MQTT_ENCODE(Pubcomp);
MQTT_ENCODE(Subscribe);
MQTT_ENCODE(Suback);
MQTT_ENCODE(Unsubscribe);
MQTT_ENCODE(Unsuback);
MQTT_ENCODE(Pingreq);
MQTT_ENCODE(Pingresp);
MQTT_ENCODE(Disconnect);
MQTT_ENCODE(Auth);
#undef MQTT_ENCODE

/// A PUBLISH up to, but without, its payload, for writers that send the payload from elsewhere.
/// `packet.payload.size()` counts in the length field. `extra` is a second property block that is
/// written after `packet.properties` (what the sender adds: expiry, alias, subscription
/// identifiers).
std::size_t encoded_header_size(const Publish& packet, Properties extra, ProtocolVersion version);
std::uint8_t* encode_header(const Publish& packet, Properties extra, ProtocolVersion version,
                            std::uint8_t* out);

/// The offset of the packet identifier in an encoded PUBLISH of QoS 1 or 2, so that one encoding
/// can be used for many receivers.
std::size_t packet_id_offset(ByteView encoded_publish);

/// For tests, and where speed does not matter.
std::vector<std::uint8_t> encoded(const Packet& packet, ProtocolVersion version);

}  // namespace mqtt

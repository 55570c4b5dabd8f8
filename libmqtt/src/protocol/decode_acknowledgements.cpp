// PUBACK, PUBREC, PUBREL and PUBCOMP: MQTT 5.0 sections 3.4 to 3.7.
#include "decode_parts.h"

namespace mqtt {
namespace {

/// What follows the packet identifier in MQTT 5.0: nothing, a reason code, or that and properties.
template <PacketType type>
tl::expected<void, Malformed> read_outcome(WireReader& in, Acknowledgement<type>& packet) {
  if (in.at_end()) return {};
  packet.reason = static_cast<ReasonCode>(in.byte());
  // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
  if (!is_allowed(packet.reason, type)) return protocol_error("reason code does not belong here");
  if (in.at_end()) return {};
  // Property contexts are numbered like packet types.
  const auto properties = read_properties(in, static_cast<PropertyContext>(type));
  if (!properties) return tl::unexpected(properties.error());
  packet.properties = properties->properties;
  if (!in.at_end()) return malformed_packet("bytes after the last field");
  return {};
}

template <PacketType type>
Decoded<Acknowledgement<type>> decode_acknowledgement(const Frame& frame, ProtocolVersion version) {
  if (is_v5(version) && frame.body.size() > max_answer_size) return too_large_for_its_kind();
  constexpr std::uint8_t flags = type == PacketType::pubrel ? flags_of_requests : 0;
  if (!has_right_flags(frame, version, flags)) return wrong_flags();  // [MQTT-3.6.1-1]

  WireReader in(frame.body);
  Acknowledgement<type> packet;
  packet.packet_id = in.two_byte_integer();
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (packet.packet_id == 0) return protocol_error("packet identifier is 0");
  if (!is_v5(version)) {
    if (!in.at_end()) return malformed_packet("bytes after the last field");
    return packet;
  }
  if (const auto outcome = read_outcome(in, packet); !outcome) {
    return tl::unexpected(outcome.error());
  }
  return packet;
}

}  // namespace

Decoded<Puback> decode_puback(const Frame& frame, ProtocolVersion version) {
  return decode_acknowledgement<PacketType::puback>(frame, version);
}

Decoded<Pubrec> decode_pubrec(const Frame& frame, ProtocolVersion version) {
  return decode_acknowledgement<PacketType::pubrec>(frame, version);
}

Decoded<Pubrel> decode_pubrel(const Frame& frame, ProtocolVersion version) {
  return decode_acknowledgement<PacketType::pubrel>(frame, version);
}

Decoded<Pubcomp> decode_pubcomp(const Frame& frame, ProtocolVersion version) {
  return decode_acknowledgement<PacketType::pubcomp>(frame, version);
}

}  // namespace mqtt

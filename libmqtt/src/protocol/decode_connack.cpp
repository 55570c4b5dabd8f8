// CONNACK, MQTT 5.0 section 3.2; what clients read.
#include "decode_parts.h"

namespace mqtt {
namespace {

Decoded<Connack> decode_connack_v3(const Frame& frame, ProtocolVersion version) {
  if (frame.body.size() != 2) return malformed_packet("CONNACK of wrong length");
  const auto reason = from_connect_return_code(frame.body[1]);
  if (!reason) return malformed_packet("unknown return code");
  Connack packet;
  packet.reason = *reason;
  if (version == ProtocolVersion::v31) return packet;  // the first byte is reserved there
  if (frame.body[0] > 1) return malformed_packet("reserved acknowledge flags are set");
  packet.session_present = frame.body[0] == 1;
  return packet;
}

/// A server that knows MQTT 3.1.1 only refuses version 5 in its own words: `20 02 00 01`.
bool is_refusal_by_older_server(ByteView body) {
  return body.size() == 2 && body[0] == 0 && body[1] == 1;
}

Decoded<Connack> decode_connack_v5(const Frame& frame) {
  Connack packet;
  if (is_refusal_by_older_server(frame.body)) {
    packet.reason = ReasonCode::unsupported_protocol_version;
    return packet;
  }
  WireReader in(frame.body);
  const std::uint8_t flags = in.byte();
  packet.reason = static_cast<ReasonCode>(in.byte());
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (flags > 1) return malformed_packet("reserved acknowledge flags are set");  // [MQTT-3.2.2-1]
  packet.session_present = flags == 1;
  // [MQTT-3.2.2-8]
  if (!is_allowed(packet.reason, PacketType::connack)) return protocol_error("unknown reason code");
  const auto properties = read_properties(in, PropertyContext::connack);
  if (!properties) return tl::unexpected(properties.error());
  packet.properties = properties->properties;
  if (!in.at_end()) return malformed_packet("bytes after the last field");
  return packet;
}

}  // namespace

Decoded<Connack> decode_connack(const Frame& frame, ProtocolVersion version) {
  if (!has_right_flags(frame, version)) return wrong_flags();
  Decoded<Connack> packet =
      is_v5(version) ? decode_connack_v5(frame) : decode_connack_v3(frame, version);
  if (packet && packet->session_present && packet->reason != ReasonCode::success) {
    return protocol_error("session present in a refusal");  // [MQTT-3.2.2-6]
  }
  return packet;
}

}  // namespace mqtt

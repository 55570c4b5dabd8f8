// DISCONNECT and AUTH: MQTT 5.0 sections 3.14 and 3.15.
#include "decode_parts.h"

namespace mqtt {
namespace {

/// Reason code and properties, each left out where it says nothing.
template <class Notice>
tl::expected<ValidatedProperties, Malformed> read_notice(WireReader& in, PacketType type,
                                                         Notice& packet) {
  ValidatedProperties none;
  if (in.at_end()) return none;
  packet.reason = static_cast<ReasonCode>(in.byte());
  // [MQTT-3.14.2-1] [MQTT-3.15.2-1]
  if (!is_allowed(packet.reason, type)) return protocol_error("reason code does not belong here");
  if (in.at_end()) return none;
  // Property contexts are numbered like packet types.
  const auto properties = read_properties(in, static_cast<PropertyContext>(type));
  if (properties) packet.properties = properties->properties;
  return properties;
}

}  // namespace

Decoded<Disconnect> decode_disconnect(const Frame& frame, ProtocolVersion version) {
  if (is_v5(version) && frame.body.size() > max_answer_size) return too_large_for_its_kind();
  if (!has_right_flags(frame, version)) return wrong_flags();  // [MQTT-3.14.1-1]
  Disconnect packet;
  if (!is_v5(version)) {
    if (!frame.body.empty()) return malformed_packet("DISCONNECT of wrong length");
    return packet;
  }
  WireReader in(frame.body);
  const auto properties = read_notice(in, PacketType::disconnect, packet);
  if (!properties) return tl::unexpected(properties.error());
  if (!in.at_end()) return protocol_error("bytes after the last field");
  return packet;
}

Decoded<Auth> decode_auth(const Frame& frame, ProtocolVersion version) {
  if (!is_v5(version)) return protocol_error("AUTH before MQTT 5.0");
  if (frame.body.size() > max_request_size) return too_large_for_its_kind();
  if (!has_right_flags(frame, version)) return wrong_flags();  // [MQTT-3.15.1-1]
  Auth packet;
  WireReader in(frame.body);
  const auto properties = read_notice(in, PacketType::auth, packet);
  if (!properties) return tl::unexpected(properties.error());
  // MQTT 5.0 section 3.15.2.2.2: a Protocol Error to omit.
  if (!properties->contains(PropertyId::authentication_method)) {
    return protocol_error("authentication method is missing");
  }
  if (!in.at_end()) return malformed_packet("bytes after the last field");
  return packet;
}

}  // namespace mqtt

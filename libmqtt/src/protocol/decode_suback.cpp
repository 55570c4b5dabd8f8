// SUBACK and UNSUBACK: MQTT 5.0 sections 3.9 and 3.11; what clients read.
#include "decode_parts.h"

namespace mqtt {
namespace {

using Checked = tl::expected<void, Malformed>;

template <class Answer>
Checked read_header(const Frame& frame, ProtocolVersion version, PropertyContext context,
                    WireReader& in, Answer& packet) {
  if (!has_right_flags(frame, version)) return wrong_flags();
  packet.packet_id = in.two_byte_integer();
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (packet.packet_id == 0) return protocol_error("packet identifier is 0");
  if (!is_v5(version)) return {};
  const auto properties = read_properties(in, context);
  if (!properties) return tl::unexpected(properties.error());
  packet.properties = properties->properties;
  return {};
}

/// [MQTT311-3.9.3-2]
bool is_allowed_in_v3_suback(ReasonCode code) {
  return code <= ReasonCode::granted_qos_2 || code == ReasonCode::unspecified_error;
}

Checked read_reasons(WireReader& in, ProtocolVersion version, PacketType type,
                     std::vector<ReasonCode>& reasons) {
  reasons.reserve(in.left());
  while (!in.at_end()) {
    const auto reason = static_cast<ReasonCode>(in.byte());
    // [MQTT-3.9.3-2] [MQTT-3.11.3-2]
    const bool allowed =
        is_v5(version) ? is_allowed(reason, type) : is_allowed_in_v3_suback(reason);
    if (!allowed) return protocol_error("reason code does not belong here");
    reasons.push_back(reason);
  }
  // A SUBSCRIBE of MQTT 3.1 may ask for nothing, and is answered with nothing.
  if (reasons.empty() && version != ProtocolVersion::v31) {
    return malformed_packet("no reason code");
  }
  return {};
}

}  // namespace

Decoded<Suback> decode_suback(const Frame& frame, ProtocolVersion version) {
  WireReader in(frame.body);
  Suback packet;
  const Checked checked =
      read_header(frame, version, PropertyContext::suback, in, packet).and_then([&] {
        return read_reasons(in, version, PacketType::suback, packet.reasons);
      });
  if (!checked) return tl::unexpected(checked.error());
  return packet;
}

Decoded<Unsuback> decode_unsuback(const Frame& frame, ProtocolVersion version) {
  WireReader in(frame.body);
  Unsuback packet;
  const Checked checked =
      read_header(frame, version, PropertyContext::unsuback, in, packet).and_then([&]() -> Checked {
        if (is_v5(version)) return read_reasons(in, version, PacketType::unsuback, packet.reasons);
        return in.at_end() ? Checked() : malformed_packet("bytes after the last field");
      });
  if (!checked) return tl::unexpected(checked.error());
  return packet;
}

}  // namespace mqtt

// CONNECT, MQTT 5.0 section 3.1. Until it has been read nobody knows which answer the peer would
// understand, so most of what is wrong with it is answered by closing the connection only.
#include "decode_parts.h"
#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/utf8.h"

namespace mqtt {
namespace {

constexpr std::uint8_t bridge_bit = 0x80;

/// The connect flags, MQTT 5.0 section 3.1.2.3.
struct ConnectFlags {
  explicit ConnectFlags(std::uint8_t byte)
      : reserved((byte & 0x01U) != 0),
        clean_start((byte & 0x02U) != 0),
        will((byte & 0x04U) != 0),
        will_qos(byte >> 3 & 0x03U),
        will_retain((byte & 0x20U) != 0),
        password((byte & 0x40U) != 0),
        user_name((byte & 0x80U) != 0) {}

  bool reserved;
  bool clean_start;
  bool will;
  unsigned will_qos;
  bool will_retain;
  bool password;
  bool user_name;
};

using Checked = tl::expected<void, Malformed>;

Malformed unsupported_version(Malformed::Reply reply) {
  return {ReasonCode::unsupported_protocol_version, "protocol version is not supported", reply};
}

Checked read_protocol(WireReader& in, Connect& packet) {
  const std::string_view name = in.text();
  const std::uint8_t level = in.byte();
  const bool is_v31_name = name == "MQIsdp";
  // [MQTT-3.1.2-1]
  if (!in.ok() || (!is_v31_name && name != "MQTT"))
    return unanswerable("protocol name is not MQTT");

  packet.bridge = (level & bridge_bit) != 0;
  const int version = level & ~bridge_bit;
  // [MQTT-3.1.2-2]
  if (version < 3 || version > 5 || (version == 5 && packet.bridge)) {
    return tl::unexpected(unsupported_version(Malformed::Reply::connack_v5));
  }
  if (is_v31_name != (version == 3)) {
    return tl::unexpected(unsupported_version(Malformed::Reply::connack_v3));
  }
  packet.version = static_cast<ProtocolVersion>(version);
  return {};
}

/// MQTT 3.1 leaves the bits that it does not use to the client.
Checked check_flags(const ConnectFlags& flags, ProtocolVersion version) {
  if (version != ProtocolVersion::v31) {
    if (flags.reserved) return unanswerable("reserved connect flag is set");  // [MQTT-3.1.2-3]
    if (!flags.will && (flags.will_qos != 0 || flags.will_retain)) {
      // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
      return unanswerable("Will QoS or Will Retain without a Will");
    }
  }
  // [MQTT-3.1.2-12]
  if (flags.will && flags.will_qos == 3) return unanswerable("Will QoS is 3");
  // [MQTT311-3.1.2-22], and 3.1; MQTT 5.0 allows it.
  if (flags.password && !flags.user_name && !is_v5(version)) {
    return unanswerable("password without user name");
  }
  return {};
}

Checked read_connect_properties(WireReader& in, Connect& packet) {
  const auto properties = read_properties(in, PropertyContext::connect);
  if (!properties) return tl::unexpected(properties.error());
  if (properties->contains(PropertyId::authentication_data) &&
      !properties->contains(PropertyId::authentication_method)) {
    return protocol_error("authentication data without a method");
  }
  packet.properties = properties->properties;
  return {};
}

Malformed client_identifier_refused(std::string_view detail, Malformed::Reply reply) {
  return {ReasonCode::client_identifier_not_valid, detail, reply};
}

Checked read_client_id(WireReader& in, Connect& packet) {
  packet.client_id = in.text();
  if (!in.ok()) return unanswerable("client identifier is cut off");  // [MQTT-3.1.3-3]
  if (!is_valid_utf8(packet.client_id)) {                             // [MQTT-3.1.3-4]
    return tl::unexpected(client_identifier_refused("client identifier is not valid UTF-8",
                                                    Malformed::Reply::in_kind));
  }
  // Without an identifier 3.1 has no session at all, and 3.1.1 none that could be kept.
  // [MQTT311-3.1.3-7] [MQTT311-3.1.3-8]
  const bool needs_id = packet.version == ProtocolVersion::v31 ||
                        (packet.version == ProtocolVersion::v311 && !packet.clean_start);
  if (packet.client_id.empty() && needs_id) {
    return tl::unexpected(client_identifier_refused(
        "an empty client identifier needs a clean session", Malformed::Reply::connack_v3));
  }
  return {};
}

Checked check_will_topic(std::string_view topic) {
  if (topic.empty()) return protocol_error("Will topic is empty");
  if (!is_valid_utf8(topic)) return malformed_packet("Will topic is not valid UTF-8");
  if (!TopicName::parse(topic)) return unanswerable("Will topic is not a valid topic name");
  return {};  // [MQTT-3.1.3-11]
}

Checked read_will(WireReader& in, const ConnectFlags& flags, Connect& packet) {
  Will will;
  if (is_v5(packet.version)) {
    const auto properties = read_properties(in, PropertyContext::will);
    if (!properties) return tl::unexpected(properties.error());
    will.properties = properties->properties;
  }
  will.topic = in.text();
  will.payload = in.binary();
  if (!in.ok()) return unanswerable("Will is cut off");  // [MQTT-3.1.2-9]
  if (const Checked topic = check_will_topic(will.topic); !topic) return topic;
  will.qos = static_cast<QoS>(flags.will_qos);
  will.retain = flags.will_retain;
  packet.will = will;
  return {};
}

/// A field is there if its flag is set, and only then.
/// [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.1.2-18] [MQTT-3.1.2-19]
///
/// In MQTT 3.1 the length of the packet goes before the flags: a name or password that is announced
/// but not there, or not text, is as good as not announced; and so is a password without a name.
Checked read_credentials(WireReader& in, const ConnectFlags& flags, Connect& packet) {
  const bool lenient = packet.version == ProtocolVersion::v31;
  if (flags.user_name) {
    const std::string_view user_name = in.text();
    if (in.ok() && is_valid_utf8(user_name)) {
      packet.user_name = user_name;
    } else if (!lenient) {
      return unanswerable("user name is cut off or not valid UTF-8");  // [MQTT-3.1.3-12]
    }
  }
  if (flags.password) {
    const std::string_view password = in.text();
    if (!in.ok() && !lenient) return unanswerable("password is cut off");
    if (in.ok() && (packet.user_name || !lenient)) packet.password = password;
  }
  return {};
}

Checked read_payload(WireReader& in, const ConnectFlags& flags, Connect& packet) {
  // The order of the fields: [MQTT-3.1.3-1].
  return read_client_id(in, packet)
      .and_then([&]() -> Checked { return flags.will ? read_will(in, flags, packet) : Checked(); })
      .and_then([&] { return read_credentials(in, flags, packet); })
      .and_then([&]() -> Checked {
        return in.at_end() ? Checked() : malformed_packet("bytes after the last field");
      });
}

}  // namespace

Decoded<Connect> decode_connect(const Frame& frame) {
  if (frame.body.size() > max_request_size) return too_large_for_its_kind();
  WireReader in(frame.body);
  Connect packet;
  if (const Checked protocol = read_protocol(in, packet); !protocol) {
    return tl::unexpected(protocol.error());
  }
  if (!has_right_flags(frame, packet.version)) {
    return unanswerable("reserved flags of the fixed header are set");
  }
  const ConnectFlags flags(in.byte());
  packet.clean_start = flags.clean_start;
  packet.keep_alive_s = in.two_byte_integer();
  if (!in.ok()) return unanswerable("packet ends within its variable header");

  const Checked checked =
      check_flags(flags, packet.version)
          .and_then([&]() -> Checked {
            return is_v5(packet.version) ? read_connect_properties(in, packet) : Checked();
          })
          .and_then([&] { return read_payload(in, flags, packet); });
  if (!checked) return tl::unexpected(checked.error());
  return packet;
}

}  // namespace mqtt

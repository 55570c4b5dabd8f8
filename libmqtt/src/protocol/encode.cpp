#include "mqtt/protocol/encode.h"

#include <cassert>

#include "wire_reader.h"
#include "wire_writer.h"

namespace mqtt {
namespace {

// Each packet is described twice: `body_size` (its "remaining length") and `write_body`. What they
// share, the fixed header, is at the end of this part.

std::size_t text_size(std::string_view text) {
  return 2 + text.size();
}

std::size_t properties_size(Properties properties) {
  const std::size_t size = properties.bytes().size();
  return variable_byte_integer_size(size) + size;
}

/// [MQTT-2.2.2-1]: no properties are a length of 0.
void write_properties(WireWriter& out, Properties properties) {
  out.variable_byte_integer(properties.bytes().size()).bytes(properties.bytes());
}

std::uint8_t byte_of(ReasonCode reason) {
  return static_cast<std::uint8_t>(reason);
}
std::uint8_t byte_of(QoS qos) {
  return static_cast<std::uint8_t>(qos);
}

/// A reason code as far as 3.x can say it in a SUBACK: 0x80 is the only failure there.
std::uint8_t suback_return_code(ReasonCode reason, ProtocolVersion version) {
  return is_v5(version) || !is_error(reason) ? byte_of(reason) : 0x80;
}

// CONNECT

std::string_view protocol_name(ProtocolVersion version) {
  return version == ProtocolVersion::v31 ? "MQIsdp" : "MQTT";
}

unsigned connect_flags(const Connect& packet) {
  unsigned flags = packet.clean_start ? 0x02U : 0U;
  if (packet.will) {
    flags |= 0x04U | static_cast<unsigned>(byte_of(packet.will->qos)) << 3;
    if (packet.will->retain) flags |= 0x20U;
  }
  if (packet.password) flags |= 0x40U;
  if (packet.user_name) flags |= 0x80U;
  return flags;
}

std::size_t body_size(const Connect& packet, ProtocolVersion version) {
  std::size_t size = text_size(protocol_name(version)) + 4;  // level, flags, keep alive
  if (is_v5(version)) size += properties_size(packet.properties);
  size += text_size(packet.client_id);
  if (packet.will) {
    if (is_v5(version)) size += properties_size(packet.will->properties);
    size += text_size(packet.will->topic) + 2 + packet.will->payload.size();
  }
  if (packet.user_name) size += text_size(*packet.user_name);
  if (packet.password) size += text_size(*packet.password);
  return size;
}

void write_body(WireWriter& out, const Connect& packet, ProtocolVersion version) {
  out.text(protocol_name(version));
  out.byte(static_cast<unsigned>(version) | (packet.bridge ? 0x80U : 0U));
  out.byte(connect_flags(packet)).two_byte_integer(packet.keep_alive_s);
  if (is_v5(version)) write_properties(out, packet.properties);
  out.text(packet.client_id);  // [MQTT-3.1.3-1]
  if (packet.will) {
    if (is_v5(version)) write_properties(out, packet.will->properties);
    out.text(packet.will->topic).binary(packet.will->payload);
  }
  if (packet.user_name) out.text(*packet.user_name);
  if (packet.password) out.text(*packet.password);
}

// CONNACK

std::size_t body_size(const Connack& packet, ProtocolVersion version) {
  return is_v5(version) ? 2 + properties_size(packet.properties) : 2;
}

void write_body(WireWriter& out, const Connack& packet, ProtocolVersion version) {
  // MQTT 3.1 has no Session Present; its byte stays 0.
  out.byte(packet.session_present && version != ProtocolVersion::v31 ? 1 : 0);
  if (!is_v5(version)) {
    out.byte(connect_return_code(packet.reason));
    return;
  }
  out.byte(byte_of(packet.reason));
  write_properties(out, packet.properties);
}

// PUBLISH

std::size_t publish_header_body_size(const Publish& packet, Properties extra,
                                     ProtocolVersion version) {
  std::size_t size = text_size(packet.topic);
  if (packet.qos != QoS::at_most_once) size += 2;
  if (is_v5(version)) {
    const std::size_t properties = packet.properties.bytes().size() + extra.bytes().size();
    size += variable_byte_integer_size(properties) + properties;
  }
  return size;
}

unsigned publish_flags(const Publish& packet) {
  return (packet.dup ? 0x08U : 0U) | static_cast<unsigned>(byte_of(packet.qos)) << 1 |
         (packet.retain ? 0x01U : 0U);
}

// PUBACK, PUBREC, PUBREL, PUBCOMP

/// How much of reason code and properties has to be said. MQTT 5.0 sections 3.4.2.1, 3.14.2.1.
std::size_t outcome_size(ReasonCode reason, Properties properties) {
  if (!properties.empty()) return 1 + properties_size(properties);
  return reason == ReasonCode::success ? 0 : 1;
}

void write_outcome(WireWriter& out, ReasonCode reason, Properties properties) {
  const std::size_t size = outcome_size(reason, properties);
  if (size > 0) out.byte(byte_of(reason));
  if (size > 1) write_properties(out, properties);
}

template <PacketType type>
std::size_t body_size(const Acknowledgement<type>& packet, ProtocolVersion version) {
  return is_v5(version) ? 2 + outcome_size(packet.reason, packet.properties) : 2;
}

template <PacketType type>
void write_body(WireWriter& out, const Acknowledgement<type>& packet, ProtocolVersion version) {
  assert(packet.packet_id != 0);
  out.two_byte_integer(packet.packet_id);
  if (is_v5(version)) write_outcome(out, packet.reason, packet.properties);
}

// SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK: a packet identifier, properties, a list

template <class T>
std::size_t list_header_size(const T& packet, ProtocolVersion version) {
  return is_v5(version) ? 2 + properties_size(packet.properties) : 2;
}

template <class T>
void write_list_header(WireWriter& out, const T& packet, ProtocolVersion version) {
  assert(packet.packet_id != 0);
  out.two_byte_integer(packet.packet_id);
  if (is_v5(version)) write_properties(out, packet.properties);
}

std::size_t body_size(const Subscribe& packet, ProtocolVersion version) {
  std::size_t size = list_header_size(packet, version);
  for (const auto& subscription : packet.subscriptions) size += text_size(subscription.filter) + 1;
  return size;
}

unsigned options_byte(const SubscriptionOptions& options, ProtocolVersion version) {
  const unsigned qos = byte_of(options.qos);
  if (!is_v5(version)) return qos;
  return qos | (options.no_local ? 0x04U : 0U) | (options.retain_as_published ? 0x08U : 0U) |
         static_cast<unsigned>(options.retain_handling) << 4;
}

void write_body(WireWriter& out, const Subscribe& packet, ProtocolVersion version) {
  write_list_header(out, packet, version);
  for (const auto& [filter, options] : packet.subscriptions) {
    out.text(filter).byte(options_byte(options, version));
  }
}

std::size_t body_size(const Suback& packet, ProtocolVersion version) {
  return list_header_size(packet, version) + packet.reasons.size();
}

void write_body(WireWriter& out, const Suback& packet, ProtocolVersion version) {
  write_list_header(out, packet, version);
  for (const ReasonCode reason : packet.reasons) out.byte(suback_return_code(reason, version));
}

std::size_t body_size(const Unsubscribe& packet, ProtocolVersion version) {
  std::size_t size = list_header_size(packet, version);
  for (const std::string_view filter : packet.filters) size += text_size(filter);
  return size;
}

void write_body(WireWriter& out, const Unsubscribe& packet, ProtocolVersion version) {
  write_list_header(out, packet, version);
  for (const std::string_view filter : packet.filters) out.text(filter);
}

std::size_t body_size(const Unsuback& packet, ProtocolVersion version) {
  return list_header_size(packet, version) + (is_v5(version) ? packet.reasons.size() : 0);
}

void write_body(WireWriter& out, const Unsuback& packet, ProtocolVersion version) {
  write_list_header(out, packet, version);
  if (!is_v5(version)) return;
  for (const ReasonCode reason : packet.reasons) out.byte(byte_of(reason));
}

// PINGREQ, PINGRESP

std::size_t body_size(const Pingreq&, ProtocolVersion) {
  return 0;
}
void write_body(WireWriter&, const Pingreq&, ProtocolVersion) {}
std::size_t body_size(const Pingresp&, ProtocolVersion) {
  return 0;
}
void write_body(WireWriter&, const Pingresp&, ProtocolVersion) {}

// DISCONNECT, AUTH

std::size_t body_size(const Disconnect& packet, ProtocolVersion version) {
  return is_v5(version) ? outcome_size(packet.reason, packet.properties) : 0;
}

void write_body(WireWriter& out, const Disconnect& packet, ProtocolVersion version) {
  if (is_v5(version)) write_outcome(out, packet.reason, packet.properties);
}

std::size_t body_size(const Auth& packet, ProtocolVersion) {
  return outcome_size(packet.reason, packet.properties);
}

void write_body(WireWriter& out, const Auth& packet, ProtocolVersion version) {
  assert(is_v5(version));
  static_cast<void>(version);
  write_outcome(out, packet.reason, packet.properties);
}

// The fixed header, MQTT 5.0 section 2.1

std::size_t packet_size(std::size_t body) {
  return 1 + variable_byte_integer_size(body) + body;
}

/// [MQTT-2.1.3-1]
constexpr unsigned flags_of(PacketType type) {
  return type == PacketType::pubrel || type == PacketType::subscribe ||
                 type == PacketType::unsubscribe
             ? 0b0010U
             : 0U;
}

void write_fixed_header(WireWriter& out, PacketType type, unsigned flags, std::size_t body) {
  out.byte(static_cast<unsigned>(type) << 4 | flags).variable_byte_integer(body);
}

template <class T>
std::uint8_t* encode_packet(PacketType type, const T& packet, ProtocolVersion version,
                            std::uint8_t* out) {
  WireWriter writer(out);
  write_fixed_header(writer, type, flags_of(type), body_size(packet, version));
  write_body(writer, packet, version);
  return writer.end();
}

}  // namespace

std::size_t encoded_size(const Connect& packet) {
  return packet_size(body_size(packet, packet.version));
}

std::uint8_t* encode(const Connect& packet, std::uint8_t* out) {
  return encode_packet(PacketType::connect, packet, packet.version, out);
}

#define MQTT_ENCODE(Type, type)                                                          \
  std::size_t encoded_size(const Type& packet, ProtocolVersion version) {                \
    return packet_size(body_size(packet, version));                                      \
  }                                                                                      \
  std::uint8_t* encode(const Type& packet, ProtocolVersion version, std::uint8_t* out) { \
    return encode_packet(PacketType::type, packet, version, out);                        \
  }
MQTT_ENCODE(Connack, connack)
MQTT_ENCODE(Puback, puback)
MQTT_ENCODE(Pubrec, pubrec)
MQTT_ENCODE(Pubrel, pubrel)
MQTT_ENCODE(Pubcomp, pubcomp)
MQTT_ENCODE(Subscribe, subscribe)
MQTT_ENCODE(Suback, suback)
MQTT_ENCODE(Unsubscribe, unsubscribe)
MQTT_ENCODE(Unsuback, unsuback)
MQTT_ENCODE(Pingreq, pingreq)
MQTT_ENCODE(Pingresp, pingresp)
MQTT_ENCODE(Disconnect, disconnect)
MQTT_ENCODE(Auth, auth)
#undef MQTT_ENCODE

std::size_t encoded_header_size(const Publish& packet, Properties extra, ProtocolVersion version) {
  const std::size_t header = publish_header_body_size(packet, extra, version);
  return 1 + variable_byte_integer_size(header + packet.payload.size()) + header;
}

std::uint8_t* encode_header(const Publish& packet, Properties extra, ProtocolVersion version,
                            std::uint8_t* out) {
  assert((packet.qos == QoS::at_most_once) == (packet.packet_id == 0));  // [MQTT-2.2.1-2]
  const std::size_t header = publish_header_body_size(packet, extra, version);
  WireWriter writer(out);
  write_fixed_header(writer, PacketType::publish, publish_flags(packet),
                     header + packet.payload.size());
  writer.text(packet.topic);
  if (packet.qos != QoS::at_most_once) writer.two_byte_integer(packet.packet_id);
  if (is_v5(version)) {
    writer.variable_byte_integer(packet.properties.bytes().size() + extra.bytes().size());
    writer.bytes(packet.properties.bytes()).bytes(extra.bytes());
  }
  return writer.end();
}

std::size_t encoded_size(const Publish& packet, ProtocolVersion version) {
  return encoded_header_size(packet, {}, version) + packet.payload.size();
}

std::uint8_t* encode(const Publish& packet, ProtocolVersion version, std::uint8_t* out) {
  WireWriter writer(encode_header(packet, {}, version, out));
  return writer.bytes(packet.payload).end();
}

std::size_t packet_id_offset(ByteView encoded_publish) {
  WireReader in(encoded_publish);
  in.byte();
  in.variable_byte_integer();
  in.text();
  assert(in.ok() && (encoded_publish[0] & 0x06) != 0);
  return encoded_publish.size() - in.left();
}

std::size_t encoded_size(const Packet& packet, ProtocolVersion version) {
  return std::visit(
      [version](const auto& alternative) {
        if constexpr (std::is_same_v<decltype(alternative), const Connect&>) {
          return encoded_size(alternative);
        } else {
          return encoded_size(alternative, version);
        }
      },
      packet);
}

std::uint8_t* encode(const Packet& packet, ProtocolVersion version, std::uint8_t* out) {
  return std::visit(
      [version, out](const auto& alternative) {
        if constexpr (std::is_same_v<decltype(alternative), const Connect&>) {
          return encode(alternative, out);
        } else {
          return encode(alternative, version, out);
        }
      },
      packet);
}

std::vector<std::uint8_t> encoded(const Packet& packet, ProtocolVersion version) {
  std::vector<std::uint8_t> bytes(encoded_size(packet, version));
  encode(packet, version, bytes.data());
  return bytes;
}

}  // namespace mqtt

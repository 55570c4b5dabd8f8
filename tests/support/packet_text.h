#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "mqtt/protocol/packet.h"

/// Packets as text: every field that is not at its default, so that two packets are equal exactly
/// if their texts are, and a difference can be read.
///
///     CONNECT version=5 clean-start keep-alive=60 client-id='c' [receive-maximum=20]
///     PUBLISH qos=1 retain topic='a/b' id=7 [user-property='k':'v'] payload='hi'
///     SUBSCRIBE id=1 'a/#' qos=1 no-local, 'b' qos=0
namespace packet_text {

/// In quotes; bytes that are not printable ASCII as \xNN.
inline std::string quoted(std::string_view bytes) {
  std::string text = "'";
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7F && character != '\'' && character != '\\') {
      text += character;
      continue;
    }
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\x%02X", unsigned{byte});
    text += escaped;
  }
  return text + "'";
}

inline std::string reason_text(mqtt::ReasonCode reason) {
  char text[6];
  std::snprintf(text, sizeof text, " 0x%02X", static_cast<unsigned>(reason));
  return text;
}

inline std::string qos_text(mqtt::QoS qos) {
  return " qos=" + std::to_string(static_cast<int>(qos));
}

inline std::string property_text(const mqtt::Property& property) {
  using mqtt::PropertyType;
  const mqtt::PropertyRule* rule = mqtt::property_rule(static_cast<std::uint32_t>(property.id));
  const std::string name(rule->name);
  switch (rule->type) {
    case PropertyType::utf8_string:
    case PropertyType::binary_data:
      return name + "=" + quoted(property.text);
    case PropertyType::utf8_string_pair:
      return name + "=" + quoted(property.text) + ":" + quoted(property.value);
    default:
      return name + "=" + std::to_string(property.number);
  }
}

inline std::string properties_text(mqtt::Properties properties) {
  std::string text;
  for (const mqtt::Property& property : properties) {
    text += (text.empty() ? " [" : " ") + property_text(property);
  }
  return text.empty() ? text : text + "]";
}

inline std::string id_text(std::uint16_t packet_id) {
  return packet_id == 0 ? "" : " id=" + std::to_string(packet_id);
}

inline std::string to_text(const mqtt::Connect& packet) {
  std::string text = packet.version == mqtt::ProtocolVersion::v31    ? " version=3.1"
                     : packet.version == mqtt::ProtocolVersion::v311 ? " version=3.1.1"
                                                                     : " version=5";
  if (packet.bridge) text += " bridge";
  if (packet.clean_start) text += " clean-start";
  text += " keep-alive=" + std::to_string(packet.keep_alive_s);
  text += properties_text(packet.properties) + " client-id=" + quoted(packet.client_id);
  if (packet.will) {
    text += " will{topic=" + quoted(packet.will->topic) + qos_text(packet.will->qos);
    if (packet.will->retain) text += " retain";
    text += properties_text(packet.will->properties);
    text += " payload=" + quoted(mqtt::as_text(packet.will->payload)) + "}";
  }
  if (packet.user_name) text += " user-name=" + quoted(*packet.user_name);
  if (packet.password) text += " password=" + quoted(*packet.password);
  return text;
}

inline std::string to_text(const mqtt::Connack& packet) {
  return (packet.session_present ? " session-present" : "") + reason_text(packet.reason) +
         properties_text(packet.properties);
}

inline std::string to_text(const mqtt::Publish& packet) {
  std::string text = packet.dup ? " dup" : "";
  text += qos_text(packet.qos);
  if (packet.retain) text += " retain";
  return text + " topic=" + quoted(packet.topic) + id_text(packet.packet_id) +
         properties_text(packet.properties) + " payload=" + quoted(mqtt::as_text(packet.payload));
}

template <mqtt::PacketType type>
std::string to_text(const mqtt::Acknowledgement<type>& packet) {
  return id_text(packet.packet_id) + reason_text(packet.reason) +
         properties_text(packet.properties);
}

inline std::string to_text(const mqtt::Subscribe& packet) {
  std::string text = id_text(packet.packet_id) + properties_text(packet.properties);
  const char* separator = "";
  for (const auto& [filter, options] : packet.subscriptions) {
    text += separator;
    text += " " + quoted(filter) + qos_text(options.qos);
    if (options.no_local) text += " no-local";
    if (options.retain_as_published) text += " retain-as-published";
    const int handling = static_cast<int>(options.retain_handling);
    if (handling != 0) text += " retain-handling=" + std::to_string(handling);
    separator = ",";
  }
  return text;
}

inline std::string to_text(const mqtt::Unsubscribe& packet) {
  std::string text = id_text(packet.packet_id) + properties_text(packet.properties);
  for (const std::string_view filter : packet.filters) text += " " + quoted(filter);
  return text;
}

/// SUBACK and UNSUBACK.
template <class Answer>
std::string list_text(const Answer& packet) {
  std::string text = id_text(packet.packet_id) + properties_text(packet.properties);
  for (const mqtt::ReasonCode reason : packet.reasons) text += reason_text(reason);
  return text;
}

inline std::string to_text(const mqtt::Suback& packet) {
  return list_text(packet);
}
inline std::string to_text(const mqtt::Unsuback& packet) {
  return list_text(packet);
}
inline std::string to_text(const mqtt::Pingreq&) {
  return "";
}
inline std::string to_text(const mqtt::Pingresp&) {
  return "";
}

inline std::string to_text(const mqtt::Disconnect& packet) {
  return reason_text(packet.reason) + properties_text(packet.properties);
}

inline std::string to_text(const mqtt::Auth& packet) {
  return reason_text(packet.reason) + properties_text(packet.properties);
}

inline std::string to_text(const mqtt::Packet& packet) {
  return std::string(name(type_of(packet))) +
         std::visit([](const auto& alternative) { return to_text(alternative); }, packet);
}

}  // namespace packet_text

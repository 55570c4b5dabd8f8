#include "support/shown_packets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"

namespace test {
namespace {

using mqtt::ByteView;
using mqtt::PacketType;

constexpr std::size_t longest_shown = 300;

bool is_plain(char c) {
  return std::isprint(static_cast<unsigned char>(c)) != 0 && c != '\'';
}

/// In quotes if it can be read, else in hexadecimal.
std::string quoted(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_plain)) {
    return "[" + hex_of(mqtt::as_bytes(text)) + "]";
  }
  if (text.size() <= longest_shown) return fmt::format("'{}'", text);
  return fmt::format("'{}...' ({} bytes)", text.substr(0, longest_shown), text.size());
}

std::string value_of(const mqtt::Property& property, mqtt::PropertyType type) {
  switch (type) {
    case mqtt::PropertyType::utf8_string:
    case mqtt::PropertyType::binary_data:
      return quoted(property.text);
    case mqtt::PropertyType::utf8_string_pair:
      return quoted(property.text) + "=" + quoted(property.value);
    default:
      return std::to_string(property.number);
  }
}

std::string text_of(mqtt::Properties properties) {
  std::string text;
  for (const mqtt::Property& property : properties) {
    const mqtt::PropertyRule* rule = mqtt::property_rule(static_cast<std::uint32_t>(property.id));
    text += text.empty() ? " {" : ", ";
    text += fmt::format("{} {}", rule->name, value_of(property, rule->type));
  }
  return text.empty() ? text : text + "}";
}

std::string text_of(mqtt::ReasonCode reason, PacketType in) {
  return fmt::format("0x{:02X} {}", static_cast<unsigned>(reason), mqtt::name(reason, in));
}

int number(mqtt::QoS qos) {
  return static_cast<int>(qos);
}

std::string_view name(mqtt::ProtocolVersion version) {
  switch (version) {
    case mqtt::ProtocolVersion::v31:
      return "3.1";
    case mqtt::ProtocolVersion::v311:
      return "3.1.1";
    case mqtt::ProtocolVersion::v5:
      return "5.0";
  }
  return "?";
}

/// What follows the packet's name.
struct Body {
  std::string operator()(const mqtt::Connect& packet) const {
    std::string text = fmt::format(
        "{} client {} keep alive {}{}{}", name(packet.version), quoted(packet.client_id),
        packet.keep_alive_s, packet.clean_start ? " clean" : "", packet.bridge ? " bridge" : "");
    if (packet.will) {
      text += fmt::format(" will ({} QoS {}{} payload {}{})", quoted(packet.will->topic),
                          number(packet.will->qos), packet.will->retain ? " retain" : "",
                          quoted(mqtt::as_text(packet.will->payload)),
                          text_of(packet.will->properties));
    }
    if (packet.user_name) text += " user " + quoted(*packet.user_name);
    if (packet.password) text += " password " + quoted(*packet.password);
    return text + text_of(packet.properties);
  }

  std::string operator()(const mqtt::Connack& packet) const {
    return text_of(packet.reason, PacketType::connack) +
           (packet.session_present ? " session present" : "") + text_of(packet.properties);
  }

  std::string operator()(const mqtt::Publish& packet) const {
    std::string text = fmt::format("{} QoS {}", quoted(packet.topic), number(packet.qos));
    if (packet.qos != mqtt::QoS::at_most_once) text += fmt::format(" id {}", packet.packet_id);
    if (packet.dup) text += " dup";
    if (packet.retain) text += " retain";
    return text + " payload " + quoted(mqtt::as_text(packet.payload)) + text_of(packet.properties);
  }

  template <PacketType type>
  std::string operator()(const mqtt::Acknowledgement<type>& packet) const {
    return fmt::format("id {} {}{}", packet.packet_id, text_of(packet.reason, type),
                       text_of(packet.properties));
  }

  std::string operator()(const mqtt::Subscribe& packet) const {
    std::string text = fmt::format("id {}", packet.packet_id);
    for (const auto& [filter, options] : packet.subscriptions) {
      text += fmt::format(" ({} QoS {}{}{}", quoted(filter), number(options.qos),
                          options.no_local ? " no local" : "",
                          options.retain_as_published ? " retain as published" : "");
      if (options.retain_handling != mqtt::RetainHandling::always) {
        text += fmt::format(" retain handling {}", static_cast<int>(options.retain_handling));
      }
      text += ")";
    }
    return text + text_of(packet.properties);
  }

  std::string operator()(const mqtt::Suback& packet) const {
    return results(packet, PacketType::suback);
  }
  std::string operator()(const mqtt::Unsuback& packet) const {
    return results(packet, PacketType::unsuback);
  }

  std::string operator()(const mqtt::Unsubscribe& packet) const {
    std::string text = fmt::format("id {}", packet.packet_id);
    for (std::string_view filter : packet.filters) text += " " + quoted(filter);
    return text + text_of(packet.properties);
  }

  std::string operator()(const mqtt::Pingreq&) const { return {}; }
  std::string operator()(const mqtt::Pingresp&) const { return {}; }

  std::string operator()(const mqtt::Disconnect& packet) const {
    return text_of(packet.reason, PacketType::disconnect) + text_of(packet.properties);
  }
  std::string operator()(const mqtt::Auth& packet) const {
    return text_of(packet.reason, PacketType::auth) + text_of(packet.properties);
  }

 private:
  template <class Answer>
  static std::string results(const Answer& packet, PacketType type) {
    std::string text = fmt::format("id {}", packet.packet_id);
    for (mqtt::ReasonCode reason : packet.reasons) text += " (" + text_of(reason, type) + ")";
    return text + text_of(packet.properties);
  }
};

}  // namespace

std::string text_of(const mqtt::Packet& packet) {
  const std::string body = std::visit(Body{}, packet);
  return std::string(mqtt::name(mqtt::type_of(packet))) + (body.empty() ? "" : " ") + body;
}

std::string text_of(ByteView bytes, mqtt::ProtocolVersion version) {
  std::string text;
  while (!bytes.empty()) {
    const auto result = mqtt::decode(bytes, version, mqtt::max_encodable_size);
    if (!text.empty()) text += "\n";
    if (const auto* decoded = std::get_if<mqtt::DecodedPacket>(&result)) {
      text += text_of(decoded->packet);
      bytes = bytes.subspan(decoded->size);
      continue;
    }
    const auto* malformed = std::get_if<mqtt::Malformed>(&result);
    text += fmt::format("{} ({})", hex_of(bytes),
                        malformed != nullptr ? malformed->detail : "not a whole packet");
    break;
  }
  return text.empty() ? "nothing" : text;
}

std::string hex_of(ByteView bytes) {
  const std::size_t shown = std::min(bytes.size(), longest_shown);
  std::string text = fmt::format("{:02x}", fmt::join(bytes.first(shown), " "));
  if (shown < bytes.size()) text += fmt::format(" ... ({} bytes)", bytes.size());
  return text;
}

}  // namespace test

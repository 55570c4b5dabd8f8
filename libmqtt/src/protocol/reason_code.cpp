#include "mqtt/protocol/reason_code.h"

#include <array>
#include <initializer_list>

namespace mqtt {
namespace {

/// One row of MQTT 5.0 table 2-6.
struct Row {
  std::uint8_t code;
  std::string_view name;
  std::uint16_t packets;  ///< bit n: allowed in the packet type of value n
};

using enum PacketType;

constexpr std::uint16_t in(std::initializer_list<PacketType> types) {
  unsigned bits = 0;
  for (const PacketType type : types) bits |= 1U << static_cast<unsigned>(type);
  return static_cast<std::uint16_t>(bits);
}

constexpr Row rows[] = {
    {0x00, "Success", in({connack, puback, pubrec, pubrel, pubcomp, unsuback, auth})},
    {0x00, "Normal disconnection", in({disconnect})},
    {0x00, "Granted QoS 0", in({suback})},
    {0x01, "Granted QoS 1", in({suback})},
    {0x02, "Granted QoS 2", in({suback})},
    {0x04, "Disconnect with Will Message", in({disconnect})},
    {0x10, "No matching subscribers", in({puback, pubrec})},
    {0x11, "No subscription existed", in({unsuback})},
    {0x18, "Continue authentication", in({auth})},
    {0x19, "Re-authenticate", in({auth})},
    {0x80, "Unspecified error", in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {0x81, "Malformed Packet", in({connack, disconnect})},
    {0x82, "Protocol Error", in({connack, disconnect})},
    {0x83, "Implementation specific error",
     in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {0x84, "Unsupported Protocol Version", in({connack})},
    {0x85, "Client Identifier not valid", in({connack})},
    {0x86, "Bad User Name or Password", in({connack})},
    {0x87, "Not authorized", in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {0x88, "Server unavailable", in({connack})},
    {0x89, "Server busy", in({connack, disconnect})},
    {0x8A, "Banned", in({connack})},
    {0x8B, "Server shutting down", in({disconnect})},
    {0x8C, "Bad authentication method", in({connack, disconnect})},
    {0x8D, "Keep Alive timeout", in({disconnect})},
    {0x8E, "Session taken over", in({disconnect})},
    {0x8F, "Topic Filter invalid", in({suback, unsuback, disconnect})},
    {0x90, "Topic Name invalid", in({connack, puback, pubrec, disconnect})},
    {0x91, "Packet Identifier in use", in({puback, pubrec, suback, unsuback})},
    {0x92, "Packet Identifier not found", in({pubrel, pubcomp})},
    {0x93, "Receive Maximum exceeded", in({disconnect})},
    {0x94, "Topic Alias invalid", in({disconnect})},
    {0x95, "Packet too large", in({connack, disconnect})},
    {0x96, "Message rate too high", in({disconnect})},
    {0x97, "Quota exceeded", in({connack, puback, pubrec, suback, disconnect})},
    {0x98, "Administrative action", in({disconnect})},
    {0x99, "Payload format invalid", in({connack, puback, pubrec, disconnect})},
    {0x9A, "Retain not supported", in({connack, disconnect})},
    {0x9B, "QoS not supported", in({connack, disconnect})},
    {0x9C, "Use another server", in({connack, disconnect})},
    {0x9D, "Server moved", in({connack, disconnect})},
    {0x9E, "Shared Subscriptions not supported", in({suback, disconnect})},
    {0x9F, "Connection rate exceeded", in({connack, disconnect})},
    {0xA0, "Maximum connect time", in({disconnect})},
    {0xA1, "Subscription Identifiers not supported", in({suback, disconnect})},
    {0xA2, "Wildcard Subscriptions not supported", in({suback, disconnect})},
};

/// `rows` turned: the packets of each code.
constexpr std::array<std::uint16_t, 256> packets_of_code = [] {
  std::array<std::uint16_t, 256> packets{};
  for (const Row& row : rows) packets[row.code] = packets[row.code] | row.packets;
  return packets;
}();

constexpr bool has(std::uint16_t packets, PacketType type) {
  return (unsigned{packets} >> static_cast<unsigned>(type) & 1U) != 0;
}

}  // namespace

std::string_view name(ReasonCode code, PacketType type) {
  // The first row with the code is the answer where no row fits the packet: the code is out of
  // place there, but it has a name.
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (row.code != static_cast<std::uint8_t>(code)) continue;
    if (has(row.packets, type)) return row.name;
    if (found == nullptr) found = &row;
  }
  return found != nullptr ? found->name : "Unknown reason";
}

bool is_allowed(ReasonCode code, PacketType type) {
  return has(packets_of_code[static_cast<std::uint8_t>(code)], type);
}

std::uint8_t connect_return_code(ReasonCode code) {
  switch (code) {
    case ReasonCode::success:
      return 0;
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::server_unavailable:
    case ReasonCode::server_busy:
      return 3;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    default:
      return 5;
  }
}

std::optional<ReasonCode> from_connect_return_code(std::uint8_t code) {
  switch (code) {
    case 0:
      return ReasonCode::success;
    case 1:
      return ReasonCode::unsupported_protocol_version;
    case 2:
      return ReasonCode::client_identifier_not_valid;
    case 3:
      return ReasonCode::server_unavailable;
    case 4:
      return ReasonCode::bad_user_name_or_password;
    case 5:
      return ReasonCode::not_authorized;
    default:
      return std::nullopt;
  }
}

}  // namespace mqtt

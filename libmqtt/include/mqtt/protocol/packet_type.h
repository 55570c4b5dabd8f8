#pragma once

#include <cstdint>
#include <string_view>

namespace mqtt {

/// Control packet types, MQTT 5.0 table 2-1. The value is the upper half of the first byte.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

/// The standard's name in capitals, such as "PUBLISH".
std::string_view name(PacketType type);

}  // namespace mqtt

#include "mqtt/protocol/reason_code.h"

#include <catch2/catch.hpp>

#include <set>

using namespace mqtt;

namespace {

ReasonCode code_of(int value) {
  return static_cast<ReasonCode>(value);
}

std::set<int> allowed_in(PacketType type) {
  std::set<int> codes;
  for (int code = 0; code < 256; ++code) {
    if (is_allowed(code_of(code), type)) codes.insert(code);
  }
  return codes;
}

}  // namespace

TEST_CASE("each packet allows the reason codes that its section lists") {
  using Codes = std::set<int>;
  // MQTT 5.0 tables 3-1, 3-4 to 3-10; section 3.15.2.1. [MQTT-3.2.2-8]
  CHECK(allowed_in(PacketType::connack) == Codes{0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
                                                 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
                                                 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F});
  const Codes puback{0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
  CHECK(allowed_in(PacketType::puback) == puback);              // [MQTT-3.4.2-1]
  CHECK(allowed_in(PacketType::pubrec) == puback);              // [MQTT-3.5.2-1]
  CHECK(allowed_in(PacketType::pubrel) == Codes{0x00, 0x92});   // [MQTT-3.6.2-1]
  CHECK(allowed_in(PacketType::pubcomp) == Codes{0x00, 0x92});  // [MQTT-3.7.2-1]
  CHECK(allowed_in(PacketType::suback) ==                       // [MQTT-3.9.3-2]
        Codes{0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2});
  CHECK(allowed_in(PacketType::unsuback) ==  // [MQTT-3.11.3-2]
        Codes{0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91});
  CHECK(allowed_in(PacketType::auth) == Codes{0x00, 0x18, 0x19});  // [MQTT-3.15.2-1]
  CHECK(allowed_in(PacketType::publish).empty());

  // [MQTT-3.14.2-1]; 0x8C is in table 2-6 only, for a failed re-authentication.
  CHECK(allowed_in(PacketType::disconnect) == Codes{0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89,
                                                    0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
                                                    0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C,
                                                    0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2});
}

TEST_CASE("a reason code is named as in the packet that carries it") {
  CHECK(name(ReasonCode::success, PacketType::puback) == "Success");
  CHECK(name(ReasonCode::success, PacketType::suback) == "Granted QoS 0");
  CHECK(name(ReasonCode::success, PacketType::disconnect) == "Normal disconnection");
  CHECK(name(ReasonCode::not_authorized, PacketType::connack) == "Not authorized");
  CHECK(name(ReasonCode::banned, PacketType::suback) == "Banned");
  CHECK(name(code_of(0x03), PacketType::suback) == "Unknown reason");
  CHECK(name(code_of(0xA3), PacketType::disconnect) == "Unknown reason");
}

TEST_CASE("codes from 0x80 are errors") {
  CHECK_FALSE(is_error(ReasonCode::no_subscription_existed));
  CHECK_FALSE(is_error(code_of(0x7F)));
  CHECK(is_error(ReasonCode::unspecified_error));
}

TEST_CASE("CONNACK return codes of 3.x and reason codes are translated both ways") {
  for (std::uint8_t code = 0; code <= 5; ++code) {
    REQUIRE(from_connect_return_code(code));
    CHECK(connect_return_code(*from_connect_return_code(code)) == code);
  }
  CHECK_FALSE(from_connect_return_code(6));
  CHECK(connect_return_code(ReasonCode::server_busy) == 3);
  CHECK(connect_return_code(ReasonCode::banned) == 5);
}

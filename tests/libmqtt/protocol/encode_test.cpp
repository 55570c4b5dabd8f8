// What the packet table does not show of encoding: the parts that writers of many copies use.
#include "mqtt/protocol/encode.h"

#include <catch2/catch.hpp>

#include "mqtt/protocol/decode.h"
#include "support/bytes_notation.h"
#include "support/packet_text.h"

using namespace mqtt;
using Bytes = std::vector<std::uint8_t>;

namespace {

Publish publish_of(std::string_view topic, QoS qos, std::string_view payload) {
  Publish packet;
  packet.topic = topic;
  packet.qos = qos;
  packet.packet_id = qos == QoS::at_most_once ? 0 : 0x1234;
  packet.payload = as_bytes(payload);
  return packet;
}

}  // namespace

TEST_CASE("the header of a PUBLISH is the packet without its payload") {
  Publish packet = publish_of("a/b", QoS::at_least_once, "payload");
  const PropertyList own{{PropertyId::content_type, 0, "t", {}}};
  packet.properties = own;
  for (const auto version : {ProtocolVersion::v31, ProtocolVersion::v311, ProtocolVersion::v5}) {
    const Bytes whole = encoded(packet, version);
    Bytes header(encoded_header_size(packet, {}, version));
    CHECK(encode_header(packet, {}, version, header.data()) == header.data() + header.size());
    CHECK(header == Bytes(whole.begin(), whole.end() - 7));
  }
}

TEST_CASE("properties of the sender follow those of the message") {
  Publish packet = publish_of("a", QoS::at_most_once, "x");
  const PropertyList own{{PropertyId::user_property, 0, "k", "v"}};
  const PropertyList extra{{PropertyId::subscription_identifier, 3, {}, {}}};
  packet.properties = own;
  Bytes header(encoded_header_size(packet, extra, ProtocolVersion::v5));
  encode_header(packet, extra, ProtocolVersion::v5, header.data());
  CHECK(header == BytesNotation::parse("30 0E ('a') [ 26 ('k') ('v') 0B 03 ]"));

  SECTION("and are left out before MQTT 5") {
    Bytes old(encoded_header_size(packet, extra, ProtocolVersion::v311));
    encode_header(packet, extra, ProtocolVersion::v311, old.data());
    CHECK(old == BytesNotation::parse("30 04 ('a')"));
  }
}

TEST_CASE("the packet identifier is found in an encoded PUBLISH, whatever its length field") {
  for (const std::size_t size : {0U, 100U, 130U, 20'000U, 3'000'000U}) {
    const std::string payload(size, 'p');
    const Publish packet = publish_of("some/topic", QoS::exactly_once, payload);
    for (const auto version : {ProtocolVersion::v311, ProtocolVersion::v5}) {
      const Bytes bytes = encoded(packet, version);
      const std::size_t at = packet_id_offset(bytes);
      CHECK(bytes[at] == 0x12);
      CHECK(bytes[at + 1] == 0x34);
    }
  }
}

TEST_CASE("a length field takes the fewest bytes that hold it") {  // [MQTT-1.5.5-1]
  const auto size_of_field = [](std::size_t body) {
    const std::string payload(body - 3, 'p');
    const Publish packet = publish_of("t", QoS::at_most_once, payload);
    const Bytes bytes = encoded(packet, ProtocolVersion::v311);
    CHECK(bytes.size() == encoded_size(packet, ProtocolVersion::v311));
    const FrameResult frame = read_frame(bytes, bytes.size());
    REQUIRE(frame.status == FrameStatus::frame);
    CHECK(frame.frame.body.size() == body);
    return bytes.size() - 1 - body;
  };
  CHECK(size_of_field(127) == 1);
  CHECK(size_of_field(128) == 2);
  CHECK(size_of_field(16'383) == 2);
  CHECK(size_of_field(16'384) == 3);
  CHECK(size_of_field(2'097'151) == 3);
  CHECK(size_of_field(2'097'152) == 4);
}

TEST_CASE("fields that a version does not have are left out of its packets") {
  const PropertyList properties{{PropertyId::reason_string, 0, "why", {}}};
  CHECK(encoded(Puback{7, ReasonCode::quota_exceeded, properties}, ProtocolVersion::v311) ==
        BytesNotation::parse("40 02 0007"));
  CHECK(encoded(Disconnect{ReasonCode::server_shutting_down, properties}, ProtocolVersion::v31) ==
        BytesNotation::parse("E0 00"));
  CHECK(encoded(Connack{true, ReasonCode::success, properties}, ProtocolVersion::v31) ==
        BytesNotation::parse("20 02 00 00"));
  CHECK(encoded(Connack{false, ReasonCode::quota_exceeded, {}}, ProtocolVersion::v311) ==
        BytesNotation::parse("20 02 00 05"));
  // [MQTT311-3.9.3-2]
  CHECK(encoded(Suback{1, properties, {ReasonCode::granted_qos_1, ReasonCode::not_authorized}},
                ProtocolVersion::v311) == BytesNotation::parse("90 04 0001 01 80"));
  CHECK(encoded(Unsuback{1, properties, {ReasonCode::success}}, ProtocolVersion::v311) ==
        BytesNotation::parse("B0 02 0001"));
  const SubscriptionOptions options{QoS::at_least_once, true, true, RetainHandling::never};
  CHECK(encoded(Subscribe{1, properties, {{"a", options}}}, ProtocolVersion::v311) ==
        BytesNotation::parse("82 06 0001 ('a') 01"));
}

TEST_CASE("each packet knows its type") {
  CHECK(type_of(Packet(Connect())) == PacketType::connect);
  CHECK(type_of(Packet(Suback())) == PacketType::suback);
  CHECK(type_of(Packet(Auth())) == PacketType::auth);
  CHECK(name(PacketType::unsuback) == "UNSUBACK");
}

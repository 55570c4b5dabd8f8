// What the packet table does not show of decoding.
#include "mqtt/protocol/decode.h"

#include <catch2/catch.hpp>

#include "support/allocation_count.h"
#include "support/bytes_notation.h"

using namespace mqtt;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("the front of a byte string is a packet, needs more, or is malformed") {
  const Bytes bytes = BytesNotation::parse("C0 00 40 02 00 07 E0");
  const auto first = decode(bytes, ProtocolVersion::v311, 100);
  REQUIRE(std::holds_alternative<DecodedPacket>(first));
  CHECK(std::get<DecodedPacket>(first).size == 2);
  CHECK(type_of(std::get<DecodedPacket>(first).packet) == PacketType::pingreq);

  const auto last = decode(ByteView(bytes).last(1), ProtocolVersion::v311, 100);
  CHECK(std::holds_alternative<NeedMore>(last));
  CHECK(std::holds_alternative<NeedMore>(decode(ByteView(), ProtocolVersion::v311, 100)));

  const auto too_large = decode(ByteView(bytes).subspan(2), ProtocolVersion::v311, 3);
  REQUIRE(std::holds_alternative<Malformed>(too_large));
  CHECK(std::get<Malformed>(too_large).reason == ReasonCode::packet_too_large);
}

TEST_CASE("decoding a PUBLISH takes no memory and copies nothing") {
  const Bytes bytes = BytesNotation::parse(
      "34 [ ('a/topic/of/some/length') 0007 [ 01 01 26 ('k') ('v') 08 ('re') ] 'payload' ]");
  const FrameResult result = read_frame(bytes, 1000);
  REQUIRE(result.status == FrameStatus::frame);
  const auto before = AllocationCount::so_far();
  const auto packet = decode_publish(result.frame, ProtocolVersion::v5);
  CHECK(AllocationCount::so_far().calls == before.calls);

  REQUIRE(packet);
  const auto lies_within = [&](const void* at) {
    const auto* byte = static_cast<const std::uint8_t*>(at);
    return byte >= bytes.data() && byte < bytes.data() + bytes.size();
  };
  CHECK(lies_within(packet->topic.data()));
  CHECK(lies_within(packet->payload.data()));
  CHECK(lies_within(packet->properties.bytes().data()));
}

TEST_CASE("what is wrong with a topic name is said in words") {
  const auto detail = [](const std::string& topic) {
    const Bytes bytes = BytesNotation::parse("30 [ (" + topic + ") ]");
    const auto packet = decode_publish(read_frame(bytes, 1000).frame, ProtocolVersion::v311);
    return packet ? "" : std::string(packet.error().detail);
  };
  CHECK(detail("'a'").empty());
  CHECK(detail("''") == "topic name is empty");
  CHECK(detail("'a/+'") == "topic name contains a wildcard");
  CHECK(detail("FF") == "topic name is not valid UTF-8");
  CHECK(detail("2F*201") == "topic name has more than 201 levels");
}

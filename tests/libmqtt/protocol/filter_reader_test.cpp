// The packet table shows what filters are valid; this, how a reader goes through them.
#include "mqtt/protocol/filter_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/protocol/decode.h"
#include "support/allocation_count.h"
#include "support/bytes_notation.h"

using namespace mqtt;
using Of = FilterReader::Of;

TEST_CASE("filters are read one after the other, without memory") {
  const auto payload = BytesNotation::parse("('a/+') 2D ('$share/g/b') 02 ('#') 00");
  const auto before = AllocationCount::so_far();
  FilterReader reader(payload, ProtocolVersion::v5, Of::subscribe);
  const auto first = reader.next();
  const auto second = reader.next();
  const bool more = !reader.at_end();
  const auto third = reader.next();
  CHECK(AllocationCount::so_far().calls == before.calls);
  REQUIRE((first && second && third));
  CHECK(first->filter.text() == "a/+");
  CHECK(first->options ==
        SubscriptionOptions{QoS::at_least_once, true, true, RetainHandling::never});
  CHECK(second->filter.is_shared());
  CHECK(second->options.qos == QoS::exactly_once);
  CHECK(more);
  CHECK(third->filter.text() == "#");
  CHECK(reader.at_end());
}

TEST_CASE("the filters of an UNSUBSCRIBE have no options") {
  const auto payload = BytesNotation::parse("('a') ('b')");
  FilterReader reader(payload, ProtocolVersion::v311, Of::unsubscribe);
  CHECK(reader.next()->filter.text() == "a");
  CHECK(reader.next()->filter.text() == "b");
  CHECK(reader.at_end());
}

TEST_CASE("a filter that is not valid is an error where it stands, and not before") {
  const char* const bad = GENERATE("('a/#/b') 00", "('$share//a') 00", "('a') 03", "('a')", "0003");
  const auto payload = BytesNotation::parse(std::string("('ok') 00 ") + bad);
  FilterReader reader(payload, ProtocolVersion::v5, Of::subscribe);
  CHECK(reader.next());
  REQUIRE_FALSE(reader.at_end());
  CHECK_FALSE(reader.next());
}

TEST_CASE("the header of a request is read without its filters") {
  const auto bytes = BytesNotation::parse("82 [ 0007 [ 0B 05 ] ('a/#/b') 00 ]");
  const FrameResult result = read_frame(bytes, 1000);
  const auto header = decode_subscribe_header(result.frame, ProtocolVersion::v5);
  REQUIRE(header);
  CHECK(header->packet_id == 7);
  CHECK(header->properties.number(PropertyId::subscription_identifier) == 5U);
  CHECK(header->payload.size() == 8);
  CHECK_FALSE(decode_subscribe(result.frame, ProtocolVersion::v5));
}

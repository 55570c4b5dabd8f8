/// What a message takes from the heap on its way through two sessions of one worker, once both have
/// been busy for a while.

#include <catch2/catch.hpp>

#include "broker/session/rooms.h"
#include "mqtt/protocol/bytes.h"
#include "support/allocation_count.h"
#include "support/sanitized.h"

namespace {

using mqtt::QoS;
using mqtt::ReasonCode;
using test::Client;
using test::Rooms;

struct Pair {
  Pair() { Rooms::subscribe(receiver, "a/b", QoS::exactly_once); }

  /// One message all the way, with every acknowledgement.
  void pass(QoS qos) {
    next_id = next_id == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(next_id + 1);
    mqtt::Publish packet;
    packet.qos = qos;
    packet.topic = "a/b";
    packet.payload = mqtt::as_bytes("21.5 degrees, and a little more");
    packet.packet_id = qos == QoS::at_most_once ? std::uint16_t{0} : next_id;
    accept(sender.incoming().on_publish(packet).has_value());
    if (qos == QoS::exactly_once) {
      accept(sender.incoming().on_pubrel(next_id).has_value());
      accept(receiver.outgoing().on_pubrec(to.last_id, ReasonCode::success).has_value());
      accept(receiver.outgoing().on_pubcomp(to.last_id).has_value());
    } else if (qos == QoS::at_least_once) {
      accept(receiver.outgoing().on_puback(to.last_id, ReasonCode::success).has_value());
    }
  }
  /// Without Catch's own macros, which may allocate.
  void accept(bool ok) { violations += ok ? 0 : 1; }

  test::Rooms rooms;
  test::Client from;
  test::Client to;
  broker::Session& sender = rooms.open("sender", from);
  broker::Session& receiver = rooms.open("receiver", to);
  std::uint16_t next_id = 0;
  int violations = 0;
};

std::size_t allocations_of(QoS qos) {
  constexpr int messages = 100;
  Pair pair;
  for (int i = 0; i < messages; ++i) pair.pass(qos);
  const AllocationCount before = AllocationCount::so_far();
  for (int i = 0; i < messages; ++i) pair.pass(qos);
  const AllocationCount after = AllocationCount::so_far();
  CHECK(pair.to.messages == 2 * messages);
  CHECK(pair.violations == 0);
  return (after.calls - before.calls + messages - 1) / messages;
}

TEST_CASE("a message of QoS 0 passes two sessions without an allocation", "[allocations]") {
  CHECK(allocations_of(QoS::at_most_once) == 0);
}

// What a message lay in serves the next one of its size; under a sanitizer every message has its
// own.
TEST_CASE("a message of QoS 1 or 2 takes memory once at most, however long it is held",
          "[allocations]") {
  constexpr std::size_t most = test::sanitized ? 1 : 0;
  CHECK(allocations_of(QoS::at_least_once) == most);
  CHECK(allocations_of(QoS::exactly_once) == most);
}

}  // namespace

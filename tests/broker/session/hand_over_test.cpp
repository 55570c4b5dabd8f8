/// What a session leaves when it ends, and how it is worked through.

#include "session/hand_over.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "broker/session/rooms.h"
#include "mqtt/protocol/bytes.h"

namespace {

using broker::Count;
using broker::DropReason;
using broker::HandOver;
using broker::Session;
using mqtt::QoS;
using test::Client;
using test::Rooms;

/// Looks at the numbers that it is sent.
struct Counting final : Client {
  broker::SendResult send_publish(broker::Publication& publication,
                                  const broker::OutgoingPublish& out) override {
    const int number = std::stoi(std::string(mqtt::as_text(publication.view().payload)));
    if (number != messages + 1) in_order = false;
    if (out.dup) dups = true;
    return Client::send_publish(publication, out);
  }
  bool in_order = true;
  bool dups = false;
};

broker::Config without_limits() {
  broker::Config config;
  config.limits.max_queued_messages = 0;
  return config;
}

void publish(Session& from, int number) {
  const std::string payload = std::to_string(number);
  mqtt::Publish packet;
  packet.qos = QoS::at_least_once;
  packet.topic = "t";
  packet.payload = mqtt::as_bytes(payload);
  packet.packet_id = 1;
  REQUIRE(from.incoming().on_publish(packet).has_value());
}

}  // namespace

TEST_CASE(
    "a session that leaves a hundred thousand messages keeps nobody waiting for all of them") {
  constexpr int messages = 100'000;  // more than the window of 65535: some wait, most are in flight
  Rooms rooms(without_limits());
  Client publisher;
  Client leaver;
  Counting heir;
  Session& from = rooms.open("publisher", publisher);
  Session& leaving = rooms.open("leaving", leaver);
  Rooms::subscribe(leaving, "$share/g/t", QoS::at_least_once);
  for (int i = 1; i <= messages; ++i) publish(from, i);
  const broker::Metrics& metrics = rooms.metrics;
  REQUIRE(metrics.total(Count::in_flight_messages) == 65535);
  REQUIRE(metrics.total(Count::queued_messages) == messages - 65535);

  SECTION("another member takes them, slice by slice, in their order") {
    Session& remaining = rooms.open("heir", heir);
    Rooms::subscribe(remaining, "$share/g/t", QoS::at_least_once);
    leaving.connection_lost(Session::Departure::lost);
    constexpr int slice = static_cast<int>(HandOver::slice);
    CHECK(heir.messages == slice);
    int most = 0;
    for (int slices = 1; slices * slice < 65535; ++slices) {
      const int before = heir.messages;
      rooms.sessions.hand_over().on_turn_end();
      most = std::max(most, heir.messages - before);
      REQUIRE(metrics.unaccounted() == 0);
    }
    CHECK(most == slice);
    // The rest waits for its window.
    for (int slices = 0; slices * slice < messages; ++slices)
      rooms.sessions.hand_over().on_turn_end();
    CHECK(metrics.total(Count::in_flight_messages) == 65535);
    CHECK(metrics.total(Count::queued_messages) == messages - 65535);
    for (int i = 0; i < messages; ++i)
      REQUIRE(remaining.outgoing().on_puback(static_cast<std::uint16_t>(i % 65535 + 1),
                                             mqtt::ReasonCode::success));
    CHECK(heir.messages == messages);
    CHECK(heir.in_order);
    CHECK_FALSE(heir.dups);
    CHECK(metrics.total(Count::granted) == messages);
    CHECK(metrics.total(Count::delivered_qos1) == messages);
    CHECK(metrics.dropped() == 0);
  }
  SECTION("nobody takes them: they are dropped, slice by slice") {
    leaving.connection_lost(Session::Departure::lost);
    CHECK(metrics.total(DropReason::session_ended) == HandOver::slice);
    while (metrics.total(DropReason::session_ended) != messages) {
      const auto before = metrics.total(DropReason::session_ended);
      rooms.sessions.hand_over().on_turn_end();
      REQUIRE(metrics.total(DropReason::session_ended) > before);
      REQUIRE(metrics.total(DropReason::session_ended) - before <=
              static_cast<std::int64_t>(HandOver::slice));
      REQUIRE(metrics.unaccounted() == 0);
    }
  }
  CHECK(metrics.unaccounted() == 0);
}

TEST_CASE("sessions that end while another is being worked through wait for it") {
  Rooms rooms(without_limits());
  Client publisher;
  Client first_client;
  Client second_client;
  Session& from = rooms.open("publisher", publisher);
  Session& first = rooms.open("first", first_client);
  Session& second = rooms.open("second", second_client);
  Rooms::subscribe(first, "t", QoS::at_least_once);
  Rooms::subscribe(second, "t", QoS::at_least_once);
  constexpr int messages = 2 * static_cast<int>(HandOver::slice);
  for (int i = 1; i <= messages; ++i) publish(from, i);
  first.connection_lost(Session::Departure::lost);
  second.connection_lost(Session::Departure::lost);
  const broker::Metrics& metrics = rooms.metrics;
  CHECK(metrics.total(DropReason::session_ended) == HandOver::slice);
  CHECK(metrics.unaccounted() == 0);
  for (int i = 0; i < 4; ++i) rooms.sessions.hand_over().on_turn_end();
  CHECK(metrics.total(DropReason::session_ended) == 2 * messages);
  CHECK(metrics.total(Count::in_flight_messages) == 0);
  CHECK(metrics.unaccounted() == 0);
}

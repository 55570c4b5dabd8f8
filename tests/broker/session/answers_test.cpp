/// Answers that wait for the journal: they leave in the order in which they were given, many by one
/// commit, and a client that does not wait for them is not read any further.

#include <catch2/catch.hpp>

#include "broker/session/scripted_client.h"

using namespace test;
using broker::InputOutcome;
using mqtt::QoS;
using mqtt::ReasonCode;
using Lines = ScriptedClient::Lines;

namespace {

/// One client of a broker whose journal commits when the test says so.
struct Journaled {
  broker::Incoming incoming() { return session.incoming(); }
  broker::Outgoing outgoing() { return session.outgoing(); }
  InputOutcome publish(int qos, std::uint16_t id) {
    rooms.journal.note();
    return incoming().on_publish(publish_packet("t", "x", qos, id)).value();
  }

  Rooms rooms{broker::Config{}, /*with_journal=*/true};
  ScriptedClient client;
  broker::Session& session = rooms.open("client", client, /*expiry_s=*/60);
};

}  // namespace

TEST_CASE("without a journal every answer leaves at once") {
  Rooms rooms;
  ScriptedClient client;
  broker::Session& session = rooms.open("client", client);
  CHECK(session.incoming().on_publish(publish_packet("t", "x", 1, 1)) == InputOutcome::done);
  CHECK(session.incoming().on_publish(publish_packet("t", "x", 2, 2)) == InputOutcome::done);
  CHECK(session.incoming().on_pubrel(2) == InputOutcome::done);
  CHECK(client.heard() == Lines{"PUBACK 1 0x10", "PUBREC 2", "PUBCOMP 2"});
}

TEST_CASE("what promises nothing new leaves at once") {
  Journaled of;
  CHECK(of.incoming().on_publish(publish_packet("t", "x", 1, 1)) == InputOutcome::done);
  CHECK(of.client.heard() == Lines{"PUBACK 1 0x10"});
}

TEST_CASE("answers wait for what was noted before them, and one commit releases many") {
  Journaled of;
  of.publish(1, 1);
  of.publish(2, 2);
  of.publish(1, 3);
  of.rooms.journal.note();
  CHECK(of.incoming().on_pubrel(2) == InputOutcome::done);
  CHECK(of.client.heard().empty());
  of.rooms.journal.commit(2);
  CHECK(of.client.heard() == Lines{"PUBACK 1 0x10", "PUBREC 2"});
  of.rooms.journal.commit(4);
  CHECK(of.client.heard() == Lines{"PUBACK 3 0x10", "PUBCOMP 2"});
}

TEST_CASE("an answer that waits for nothing does not overtake those that do") {
  Journaled of;
  of.publish(1, 1);
  // No message is known under this identifier: PUBREL goes out all the same, in its turn.
  CHECK(of.outgoing().on_pubrec(77, ReasonCode::success) == InputOutcome::done);
  Rooms::subscribe(of.session, "t", QoS::at_least_once);
  CHECK(of.client.heard().empty());
  of.rooms.journal.commit(1);
  CHECK(of.client.heard() == Lines{"PUBACK 1 0x10", "PUBREL 77", "SUBACK 1"});
}

TEST_CASE("a PUBACK that waits still holds its slot of the window") {
  Rooms rooms{broker::Config{}, true};
  ScriptedClient client;
  broker::Session& session = rooms.open("client", client);
  session.core().receive_window = 3;
  const auto publish = [&](std::uint16_t id) {
    rooms.journal.note();
    return session.incoming().on_publish(publish_packet("t", "x", 1, id));
  };
  for (std::uint16_t id = 1; id <= 3; ++id) CHECK(publish(id));
  const auto beyond = publish(4);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().reason == ReasonCode::receive_maximum_exceeded);
  rooms.journal.commit(2);
  CHECK(client.heard() == Lines{"PUBACK 1 0x10", "PUBACK 2 0x10"});
  CHECK(publish(5));
  CHECK(publish(6));
  CHECK_FALSE(publish(7));
}

TEST_CASE("a client whose answers pile up is read again once some have left") {
  Journaled of;
  std::uint16_t given = 1;
  while (of.publish(1, given) == InputOutcome::done) ++given;
  CHECK(given > 1000);
  CHECK(given < 10'000);
  CHECK(of.client.continued == 0);
  of.rooms.journal.commit(10);
  CHECK(of.client.continued == 1);
  CHECK(of.client.heard().size() == 11);
  of.rooms.journal.commit(given);
  CHECK(of.client.continued == 1);
  CHECK(of.client.heard().size() == given - 10U);
}

TEST_CASE("answers with many reason codes count for what they hold") {
  Journaled of;
  std::vector<std::uint8_t> filters;
  for (int i = 0; i < 300'000; ++i) filters.insert(filters.end(), {0, 1, 'a'});
  of.rooms.journal.note();
  REQUIRE(of.session.subscriptions().on_unsubscribe({1, {}, filters}) == InputOutcome::wait);
  of.rooms.turns_until_idle();
  CHECK(of.client.heard().empty());
  // 300 000 reason codes: no more is read.
  CHECK(of.client.continued == 0);
  of.rooms.journal.commit(1);
  CHECK(of.client.heard() == Lines{"UNSUBACK 1", "go on"});
}

TEST_CASE("answers of a connection that is lost are never sent, and the next one has its own") {
  Journaled of;
  of.publish(2, 1);
  of.session.connection_lost(broker::Session::Departure::lost);
  broker::Session::Terms terms;
  ScriptedClient next;
  terms.sink = &next;
  terms.expiry_interval_s = 60;
  of.session.attach(std::move(terms));
  of.session.resume();
  of.publish(2, 1);  // again, since it saw no PUBREC
  of.rooms.journal.commit(1);
  CHECK(next.heard().empty());
  of.rooms.journal.commit(2);
  CHECK(of.client.heard().empty());
  CHECK(next.heard() == Lines{"PUBREC 1"});
}

TEST_CASE("a session may end while its answers wait") {
  Rooms rooms{broker::Config{}, true};
  ScriptedClient client;
  broker::Session& session = rooms.open("client", client);
  rooms.journal.note();
  CHECK(session.incoming().on_publish(publish_packet("t", "x", 1, 1)));
  session.connection_lost(broker::Session::Departure::lost);
  rooms.journal.commit(1);
  CHECK(client.heard().empty());
}

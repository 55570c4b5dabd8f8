/// Share groups: one member receives, all take turns, nothing is lost while one can take it.

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"

using namespace test;
using broker::DropReason;
using mqtt::PropertyId;

namespace {

Peer member_of(BrokerFixture& broker, const ConnectBuilder& as, const char* filter = "$share/g/t",
               int qos = 1) {
  Peer member = broker.peer();
  member.open(as);
  member.send(subscribe(1, filter, qos));
  member.expect(suback(1, {qos}));
  return member;
}

void publish_numbers(BrokerFixture& broker, int count, int qos = 1) {
  Peer publisher = broker.peer();
  publisher.open(connect("publisher"));
  for (int i = 1; i <= count; ++i) {
    publisher.send(
        publish("t", std::to_string(i)).qos(qos).id(qos == 0 ? 0 : static_cast<std::uint16_t>(i)));
    if (qos == 1) publisher.expect(puback(static_cast<std::uint16_t>(i)));
  }
  publisher.expect_nothing();
}

}  // namespace

TEST_CASE("members of a group take turns in the order in which they joined") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = member_of(broker, connect("m1"));
  Peer second = member_of(broker, connect("m2").v5());
  Peer outsider = member_of(broker, connect("o"), "t");
  publish_numbers(broker, 4);
  first.expect(publish("t", "1").qos(1).id(1));
  second.expect(publish("t", "2").qos(1).id(1));
  first.expect(publish("t", "3").qos(1).id(2));
  second.expect(publish("t", "4").qos(1).id(2));
  for (std::uint16_t i = 1; i <= 4; ++i)
    outsider.expect(publish("t", std::to_string(i)).qos(1).id(i));
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("two groups each receive every message") {
  BrokerFixture broker;
  Peer one = member_of(broker, connect("m1"), "$share/one/+");
  Peer two = member_of(broker, connect("m2"), "$share/two/t");
  publish_numbers(broker, 1);
  one.expect(publish("t", "1").qos(1).id(1));
  two.expect(publish("t", "1").qos(1).id(1));
}

TEST_CASE("a member that is away takes its share into its queue") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer here = member_of(broker, connect("here"));
  Peer away = member_of(broker, connect("away").clean(false));
  away.send(disconnect());
  away.expect_closed();
  publish_numbers(broker, 2);
  here.expect(publish("t", "1").qos(1).id(1));
  here.expect_nothing();
  Peer back = broker.peer();
  back.open(connect("away").clean(false));
  back.expect(publish("t", "2").qos(1).id(1));
}

TEST_CASE("what a member cannot take goes to another one") {
  const unsigned workers = GENERATE(1U, 4U);
  SECTION("it is away and the message is QoS 0") {
    BrokerFixture broker(workers);
    Peer away = member_of(broker, connect("away").clean(false), "$share/g/t", 0);
    Peer here = member_of(broker, connect("here"), "$share/g/t", 0);
    away.send(disconnect());
    away.expect_closed();
    publish_numbers(broker, 3, 0);
    // In any order: a message that is passed on comes by another way.
    here.expect_in_any_order({publish("t", "1"), publish("t", "2"), publish("t", "3")});
    CHECK(broker->metrics().dropped() == 0);
  }
  SECTION("its queue is full") {
    BrokerFixture broker(workers, "max_queued_messages 1\nmax_inflight_messages 1");
    Peer away = member_of(broker, connect("away").clean(false));
    Peer here = member_of(broker, connect("here").v5().with(PropertyId::receive_maximum, 100U));
    away.send(disconnect());
    away.expect_closed();
    publish_numbers(broker, 4);
    std::set<std::string> received;
    for (int i = 0; i < 3; ++i)
      received.emplace(mqtt::as_text(here.receive<mqtt::Publish>()->payload));
    CHECK(received == std::set<std::string>{"2", "3", "4"});
    CHECK(broker->metrics().dropped() == 0);
  }
  SECTION("it is too large for it") {
    BrokerFixture broker(workers);
    Peer small =
        member_of(broker, connect("small").v5().with(PropertyId::maximum_packet_size, 20U));
    Peer large = member_of(broker, connect("large"));
    Peer publisher = broker.peer();
    publisher.open(connect("p"));
    publisher.send(publish("t", repeated(50)).qos(1).id(1));
    publisher.expect(puback(1));
    large.expect(publish("t", repeated(50)).qos(1).id(1));
  }
}

TEST_CASE("a message that no member can take is counted") {
  BrokerFixture broker;
  Peer away = member_of(broker, connect("away").clean(false), "$share/g/t", 0);
  away.send(disconnect());
  away.expect_closed();
  publish_numbers(broker, 2, 0);
  CHECK(broker->metrics().total(DropReason::offline_qos0) == 2);
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("a member that leaves takes no more part") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer first = member_of(broker, connect("m1"));
  Peer second = member_of(broker, connect("m2"));
  first.send(unsubscribe(2, "$share/g/t"));
  first.expect(unsuback(2));
  publish_numbers(broker, 2);
  second.expect(publish("t", "1").qos(1).id(1));
  second.expect(publish("t", "2").qos(1).id(2));
  first.expect_nothing();
}

TEST_CASE("each member receives at the QoS that it was granted") {  // [MQTT-4.8.2-3]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer zero = member_of(broker, connect("m1"), "$share/g/t", 0);
  Peer one = member_of(broker, connect("m2"), "$share/g/t", 1);
  publish_numbers(broker, 3);
  zero.expect(publish("t", "1"));
  one.expect(publish("t", "2").qos(1).id(1));
  zero.expect(publish("t", "3"));
  zero.expect_nothing();
}

TEST_CASE("a QoS 2 delivery stays with the member with which it has begun") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer chosen = member_of(broker, connect("chosen").clean(false), "$share/g/t", 2);
  Peer other = member_of(broker, connect("other"), "$share/g/t", 2);
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("t", "x").qos(2).id(1));
  publisher.expect(pubrec(1));
  publisher.send(pubrel(1));
  publisher.expect(pubcomp(1));
  chosen.expect(publish("t", "x").qos(2).id(1));
  chosen.close();
  SECTION("which completes it when it comes back") {  // [MQTT-4.8.2-4]
    Peer back = broker.peer();
    CHECK(back.open(connect("chosen").clean(false))->session_present);
    back.expect(publish("t", "x").qos(2).id(1).dup());
    back.send(pubrec(1));
    back.expect(pubrel(1));
    back.send(pubcomp(1));
    back.expect_nothing();
  }
  SECTION("and goes to no other when its session ends") {  // [MQTT-4.8.2-5]
    Peer back = broker.peer();
    back.open(connect("chosen"));
    back.expect_nothing();
  }
  other.expect_nothing();
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("a message that a member refuses goes to no other") {  // [MQTT-4.8.2-6]
  const unsigned workers = GENERATE(1U, 4U);
  const int qos = GENERATE(1, 2);
  BrokerFixture broker(workers);
  Peer chosen = member_of(broker, connect("chosen").v5(), "$share/g/t", qos);
  Peer other = member_of(broker, connect("other").v5(), "$share/g/t", qos);
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("t", "x").qos(2).id(1));
  publisher.expect(pubrec(1));
  publisher.send(pubrel(1));
  publisher.expect(pubcomp(1));
  chosen.expect(publish("t", "x").qos(qos).id(1));
  if (qos == 1) chosen.send(puback(1, 0x97));
  if (qos == 2) chosen.send(pubrec(1, 0x97));
  chosen.expect_nothing();
  other.expect_nothing();
  CHECK(broker->metrics().total(DropReason::refused_by_client) == 1);
}

TEST_CASE("what a member leaves behind when its session ends goes to the other members") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 2");
  Peer leaving = member_of(broker, connect("leaving").v5());
  publish_numbers(broker, 5);
  leaving.expect(publish("t", "1").qos(1).id(1));
  leaving.expect(publish("t", "2").qos(1).id(2));
  // 3, 4 and 5 wait for its window.
  Peer staying = member_of(broker, connect("staying").v5());
  SECTION("at once, without DUP, in their order") {
    leaving.send(disconnect());
    leaving.expect_closed();
    staying.expect(publish("t", "1").qos(1).id(1));
    staying.expect(publish("t", "2").qos(1).id(2));
    staying.send(puback(1));
    staying.send(puback(2));
    staying.expect(publish("t", "3").qos(1).id(3));
    staying.expect(publish("t", "4").qos(1).id(4));
    staying.send(puback(3));
    staying.expect(publish("t", "5").qos(1).id(5));
    staying.send(puback(4));
    staying.send(puback(5));
    staying.expect_nothing();
    CHECK(broker->metrics().total(broker::Count::granted) == 5);
    CHECK(broker->metrics().total(broker::Count::delivered_qos1) == 5);
  }
  SECTION("what it has acknowledged does not") {
    leaving.send(puback(2));
    leaving.expect(publish("t", "3").qos(1).id(3));
    leaving.send(disconnect());
    leaving.expect_closed();
    staying.expect(publish("t", "1").qos(1).id(1));
    staying.expect(publish("t", "3").qos(1).id(2));
    staying.expect_nothing();
  }
  SECTION("in turns, if there are several") {
    Peer third = member_of(broker, connect("third").v5());
    leaving.reset();
    staying.expect(publish("t", "1").qos(1).id(1));
    third.expect(publish("t", "2").qos(1).id(1));
    staying.expect(publish("t", "3").qos(1).id(2));
    third.expect(publish("t", "4").qos(1).id(2));
    staying.send(puback(1));
    staying.expect(publish("t", "5").qos(1).id(3));
  }
  SECTION("if another connection starts clean under its name") {
    Peer again = broker.peer();
    again.open(connect("leaving").v5());
    staying.expect(publish("t", "1").qos(1).id(1));
    again.expect_nothing();
  }
  CHECK(broker->metrics().dropped() == 0);
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("what waits for a member that is away is its own until its session expires") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer away =
      member_of(broker, connect("away").v5().with(PropertyId::session_expiry_interval, 100U),
                "$share/g/t", 2);
  away.send(disconnect());
  away.expect_closed();
  Peer publisher = broker.peer();
  publisher.open(connect("p").v5());
  publisher.send(publish("t", "soon").qos(1).id(1).with(PropertyId::message_expiry_interval, 50U));
  publisher.expect(puback(1));
  publisher.send(publish("t", "two").qos(2).id(2));
  publisher.expect(pubrec(2));
  publisher.send(pubrel(2));
  publisher.expect(pubcomp(2));
  Peer here = member_of(broker, connect("here").keepalive(0), "$share/g/t", 2);
  broker.advance(std::chrono::seconds(99));
  here.expect_nothing();
  SECTION("then it goes to another: QoS 2 as well, as it was never sent") {
    broker.advance(std::chrono::seconds(2));
    here.expect(publish("t", "two").qos(2).id(1));
    here.expect_nothing();
    CHECK(broker->metrics().total(DropReason::expired) == 1);
    CHECK(broker->metrics().dropped() == 1);
  }
  SECTION("and it gets it if it comes back before") {
    Peer back = broker.peer();
    back.open(connect("away").v5().clean(false));
    back.expect(publish("t", "two").qos(2).id(1));
  }
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("what a member was given as a subscriber of its own is nobody else's") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer leaving = member_of(broker, connect("leaving"));
  leaving.send(subscribe(2, "t", 1));
  leaving.expect(suback(2, {1}));
  publish_numbers(broker, 1);
  leaving.expect(publish("t", "1").qos(1).id(1));
  leaving.expect(publish("t", "1").qos(1).id(2));
  Peer staying = member_of(broker, connect("staying"));
  leaving.close();
  staying.expect(publish("t", "1").qos(1).id(1));
  staying.expect_nothing();
  CHECK(broker->metrics().total(DropReason::session_ended) == 1);
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("what nobody is left to take ends with the session, and is counted") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_queued_messages 1\nmax_inflight_messages 1");
  Peer leaving = member_of(broker, connect("leaving"));
  publish_numbers(broker, 2);
  leaving.expect(publish("t", "1").qos(1).id(1));
  SECTION("the group is empty") {
    leaving.close();
    Peer later = member_of(broker, connect("later"));
    later.expect_nothing();
    CHECK(broker->metrics().total(DropReason::session_ended) == 2);
  }
  SECTION("the others have no room") {
    Peer full = member_of(broker, connect("full").clean(false));
    full.send(disconnect());
    full.expect_closed();
    leaving.close();
    Peer witness = broker.peer();
    witness.open(connect("witness"));
    for (int round = 0; round < 3; ++round) broker->look_at_clock();
    CHECK(broker->metrics().total(DropReason::queue_full) == 1);
    CHECK(broker->metrics().total(broker::Count::queued_messages) == 1);
  }
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

// [MQTT-3.10.4-3]: what was granted before UNSUBSCRIBE is the client's.
TEST_CASE("a member that unsubscribes keeps what it was given, and leaves it when it ends") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 1");
  Peer leaving = member_of(broker, connect("leaving"));
  publish_numbers(broker, 3);
  leaving.expect(publish("t", "1").qos(1).id(1));
  Peer staying = member_of(broker, connect("staying"));
  leaving.send(unsubscribe(2, "$share/g/t"));
  leaving.expect(unsuback(2));
  leaving.send(puback(1));
  leaving.expect(publish("t", "2").qos(1).id(2));
  staying.expect_nothing();
  leaving.close();
  staying.expect(publish("t", "2").qos(1).id(1));
  staying.send(puback(1));
  staying.expect(publish("t", "3").qos(1).id(2));
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

/// Windows both ways, queues and their limits, packets too large for the client.

#include <catch2/catch.hpp>

#include "mqtt/protocol/encode.h"
#include "support/broker_fixture.h"

using namespace test;
using broker::Count;
using broker::DropReason;
using mqtt::PropertyId;

namespace {

void publish_all(Peer& publisher, int from, int to) {
  for (int i = from; i <= to; ++i) {
    publisher.send(publish("t", std::to_string(i)).qos(1).id(static_cast<std::uint16_t>(i)));
    publisher.expect(puback(static_cast<std::uint16_t>(i)));
  }
}

Peer subscriber_of(BrokerFixture& broker, const ConnectBuilder& as) {
  Peer subscriber = broker.peer();
  subscriber.open(as);
  subscriber.send(subscribe(1, "t", 1));
  subscriber.expect(suback(1, {1}));
  return subscriber;
}

}  // namespace

TEST_CASE(
    "no more is sent than the client's Receive Maximum allows") {  // [MQTT-3.3.4-9] [MQTT-4.9.0-2]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer subscriber = subscriber_of(broker, connect("s").v5().with(PropertyId::receive_maximum, 2U));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publish_all(publisher, 1, 5);
  subscriber.expect(publish("t", "1").qos(1).id(1));
  subscriber.expect(publish("t", "2").qos(1).id(2));
  subscriber.expect_nothing();  // but PINGRESP [MQTT-3.3.4-10] [MQTT-4.9.0-3]
  subscriber.send(puback(2));   // out of order
  subscriber.expect(publish("t", "3").qos(1).id(3));
  subscriber.expect_nothing();
  subscriber.send(puback(1));
  subscriber.send(puback(3));
  subscriber.expect(publish("t", "4").qos(1).id(4));
  subscriber.expect(publish("t", "5").qos(1).id(5));
}

TEST_CASE("QoS 0 does not wait for the window") {
  BrokerFixture broker(1, "max_inflight_messages 1");
  Peer subscriber = subscriber_of(broker, connect("s"));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publish_all(publisher, 1, 2);
  publisher.send(publish("t", "now"));
  subscriber.expect(publish("t", "1").qos(1).id(1));
  subscriber.expect(publish("t", "now"));
  subscriber.send(puback(1));
  subscriber.expect(publish("t", "2").qos(1).id(2));
}

TEST_CASE(
    "a client with open QoS 2 messages up to the maximum may send no more") {  // [MQTT-3.3.4-7]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 2\nmax_queued_messages 2");
  SECTION("v5 is told 0x93") {
    Peer peer = broker.peer();
    CHECK(peer.open(connect("a").v5())->properties.number(PropertyId::receive_maximum) == 2U);
    peer.send(publish("t", "1").qos(2).id(1));
    peer.expect(pubrec(1));
    peer.send(publish("t", "2").qos(2).id(2));
    peer.expect(pubrec(2));
    SECTION("at QoS 2") {
      peer.send(publish("t", "3").qos(2).id(3));
    }
    SECTION("at QoS 1") {
      peer.send(publish("t", "3").qos(1).id(3));
    }
    peer.expect(disconnect(0x93));
    peer.expect_closed();
  }
  SECTION("a released one makes room") {
    Peer peer = broker.peer();
    peer.open(connect("a").v5());
    for (std::uint16_t id = 1; id <= 10; ++id) {
      peer.send(publish("t", "x").qos(2).id(id));
      peer.expect(pubrec(id));
      peer.send(pubrel(id));
      peer.expect(pubcomp(id));
    }
  }
  SECTION(
      "3.x knows no maximum: it may have as many as window and queue together, and is never lied "
      "to") {
    Peer peer = broker.peer();
    peer.open(connect("a"));
    for (std::uint16_t id = 1; id <= 4; ++id) {
      peer.send(publish("t", "x").qos(2).id(id));
      peer.expect(pubrec(id));
    }
    peer.send(publish("t", "x").qos(2).id(5));
    peer.expect_closed();
  }
}

TEST_CASE("a queue holds what its limit says, and every message beyond it is counted") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_inflight_messages 2\nmax_queued_messages 5");
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  SECTION("of a client that is there: its window more") {
    Peer subscriber = subscriber_of(broker, connect("s"));
    publish_all(publisher, 1, 12);
    for (std::uint16_t id = 1; id <= 9; ++id) {
      subscriber.expect(publish("t", std::to_string(id)).qos(1).id(id));
      subscriber.send(puback(id));
    }
    subscriber.expect_nothing();
    CHECK(broker->metrics().total(DropReason::queue_full) == 3);
  }
  SECTION("of a client that is away") {
    Peer subscriber = subscriber_of(broker, connect("s").clean(false));
    subscriber.send(disconnect());
    subscriber.expect_closed();
    publish_all(publisher, 1, 8);
    Peer back = broker.peer();
    back.open(connect("s").clean(false));
    for (std::uint16_t id = 1; id <= 5; ++id) {
      back.expect(publish("t", std::to_string(id)).qos(1).id(id));
      back.send(puback(id));
    }
    back.expect_nothing();
    CHECK(broker->metrics().total(DropReason::queue_full) == 3);
  }
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("the operator chooses what gives way when a queue is full") {
  SECTION("the oldest") {
    BrokerFixture broker(1, "max_queued_messages 2\nqueue_overflow drop_old");
    Peer subscriber = subscriber_of(broker, connect("s").clean(false));
    subscriber.send(disconnect());
    subscriber.expect_closed();
    Peer publisher = broker.peer();
    publisher.open(connect("p"));
    publish_all(publisher, 1, 5);
    Peer back = broker.peer();
    back.open(connect("s").clean(false));
    back.expect(publish("t", "4").qos(1).id(1));
    back.expect(publish("t", "5").qos(1).id(2));
    back.expect_nothing();
    CHECK(broker->metrics().total(DropReason::queue_full) == 3);
  }
  SECTION("the client") {
    BrokerFixture broker(
        1, "max_inflight_messages 1\nmax_queued_messages 1\nqueue_overflow disconnect");
    Peer subscriber = subscriber_of(broker, connect("s").v5());
    Peer publisher = broker.peer();
    publisher.open(connect("p"));
    publish_all(publisher, 1, 4);
    subscriber.expect(publish("t", "1").qos(1).id(1));
    subscriber.expect(disconnect(0x97));
    subscriber.expect_closed();
    CHECK(broker->metrics().unaccounted() == 0);
  }
}

TEST_CASE("nothing is sent or handled after a DISCONNECT") {  // [MQTT-3.14.4-1]
  BrokerFixture broker(1,
                       "max_inflight_messages 1\nmax_queued_messages 1\nqueue_overflow disconnect");
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "end", 0));
  witness.expect(suback(1, {0}));
  Peer subscriber = subscriber_of(broker, connect("s").v5());
  // In one piece, so that what overflows its queue and what follows are there together.
  Bytes bytes;
  const auto add = [&](const mqtt::Packet& packet) {
    const Bytes more = mqtt::encoded(packet, mqtt::ProtocolVersion::v5);
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  for (std::uint16_t id = 1; id <= 4; ++id) add(publish("t", "x").qos(1).id(id));
  add(publish("t", "x"));
  add(publish("end", "not this one"));
  add(pingreq());
  subscriber.send(mqtt::ByteView(bytes));
  subscriber.expect_in_any_order(
      {publish("t", "x").qos(1).id(1), puback(1), puback(2), puback(3), disconnect(0x97)});
  subscriber.expect_closed();
  witness.send(publish("end", ""));
  witness.expect(publish("end", ""));
  CHECK(broker->metrics().unaccounted() == 0);
}

TEST_CASE("QoS 0 is kept for a client that is away only where the configuration says so") {
  BrokerFixture broker(1, "queue_qos0_messages true");
  Peer subscriber = subscriber_of(broker, connect("s").clean(false));
  subscriber.send(disconnect());
  subscriber.expect_closed();
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("t", "kept"));
  publisher.expect_nothing();
  Peer back = broker.peer();
  back.open(connect("s").clean(false));
  back.expect(publish("t", "kept"));
}

TEST_CASE(
    "a message that is too large for a client does not cost it a window slot") {  // [MQTT-3.1.2-24]
                                                                                  // [MQTT-3.1.2-25]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer subscriber = subscriber_of(broker, connect("s")
                                              .v5()
                                              .with(PropertyId::receive_maximum, 1U)
                                              .with(PropertyId::maximum_packet_size, 40U));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  for (std::uint16_t id = 1; id <= 3; ++id) {
    publisher.send(publish("t", repeated(100)).qos(1).id(id));
    publisher.expect(puback(id));
  }
  publisher.send(publish("t", "fits").qos(1).id(4));
  publisher.expect(puback(4));
  const auto message = subscriber.receive<mqtt::Publish>();
  CHECK(mqtt::as_text(message->payload) == "fits");
  CHECK(broker->metrics().total(DropReason::packet_too_large) == 3);
}

TEST_CASE("max_inflight_bytes holds messages back; one always fits") {
  BrokerFixture broker(1, "max_inflight_bytes 10");
  Peer subscriber = subscriber_of(broker, connect("s"));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  publisher.send(publish("t", repeated(30)).qos(1).id(1));
  publisher.expect(puback(1));
  publisher.send(publish("t", "2").qos(1).id(2));
  publisher.expect(puback(2));
  subscriber.expect(publish("t", repeated(30)).qos(1).id(1));
  subscriber.expect_nothing();
  subscriber.send(puback(1));
  subscriber.expect(publish("t", "2").qos(1).id(2));
}

TEST_CASE("max_queued_bytes limits a queue by payload") {
  BrokerFixture broker(1, "max_queued_bytes 10");
  Peer subscriber = subscriber_of(broker, connect("s").clean(false));
  subscriber.send(disconnect());
  subscriber.expect_closed();
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  for (std::uint16_t id = 1; id <= 4; ++id) {
    publisher.send(publish("t", repeated(4)).qos(1).id(id));
    publisher.expect(puback(id));
  }
  Peer back = broker.peer();
  back.open(connect("s").clean(false));
  back.expect(publish("t", repeated(4)).qos(1).id(1));
  back.expect(publish("t", repeated(4)).qos(1).id(2));
  back.expect_nothing();
}

/// What travels with a message: properties, expiry, topic aliases both ways.

#include <catch2/catch.hpp>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

TEST_CASE("properties of a message are forwarded unaltered and in order") {
  // [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20]
  const unsigned workers = GENERATE(1U, 4U);
  const int qos = GENERATE(0, 1, 2);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "t", 0));
  peer.expect(suback(1, {0}));
  Peer old = broker.peer();
  old.open(connect("old"));
  old.send(subscribe(1, "t", 0));
  old.expect(suback(1, {0}));
  Peer publisher = broker.peer();
  publisher.open(connect("p").v5());
  publisher.send(publish("t", "x")
                     .qos(qos)
                     .id(qos == 0 ? 0 : 1)
                     .user_property("k", "1")
                     .with(PropertyId::content_type, "text/plain")
                     .with(PropertyId::response_topic, "answers/here")
                     .user_property("k", "2")
                     .with(PropertyId::correlation_data, std::string_view("\0\1\2", 3))
                     .with(PropertyId::message_expiry_interval, 10U)
                     .with(PropertyId::payload_format_indicator, 1U));
  if (qos == 2) {
    publisher.expect(pubrec(1));
    publisher.send(pubrel(1));
  }
  peer.expect(publish("t", "x")
                  .user_property("k", "1")
                  .with(PropertyId::content_type, "text/plain")
                  .with(PropertyId::response_topic, "answers/here")
                  .user_property("k", "2")
                  .with(PropertyId::correlation_data, std::string_view("\0\1\2", 3))
                  .with(PropertyId::payload_format_indicator, 1U)
                  .with(PropertyId::message_expiry_interval, 10U));
  old.expect(publish("t", "x"));
}

TEST_CASE(
    "a queued message expires, and says how long it has left") {  // [MQTT-3.3.2-5] [MQTT-3.3.2-6]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  const auto durable =
      connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 1000U);
  peer.open(durable);
  peer.send(subscribe(1, "t", 1));
  peer.expect(suback(1, {1}));
  peer.send(disconnect());
  peer.expect_closed();
  Peer publisher = broker.peer();
  publisher.open(connect("p").v5());
  publisher.send(publish("t", "short").qos(1).id(1).with(PropertyId::message_expiry_interval, 10U));
  publisher.expect(puback(1));
  publisher.send(publish("t", "long").qos(1).id(2).with(PropertyId::message_expiry_interval, 100U));
  publisher.expect(puback(2));
  publisher.send(
      publish("t", "for ever").qos(1).id(3).with(PropertyId::message_expiry_interval, 0U));
  publisher.expect(puback(3));
  broker.advance(seconds(30));
  Peer back = broker.peer();
  back.open(durable);
  back.expect(publish("t", "long").qos(1).id(1).with(PropertyId::message_expiry_interval, 70U));
  back.expect(publish("t", "for ever").qos(1).id(2));
  back.expect_nothing();
  CHECK(broker->metrics().total(broker::DropReason::expired) == 1);
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("a QoS 2 message that expires before its release is not delivered") {  // [MQTT-4.3.3-13]
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").v5().keepalive(0));
  peer.send(subscribe(1, "t", 0));
  peer.expect(suback(1, {0}));
  peer.send(publish("t", "x").qos(2).id(1).with(PropertyId::message_expiry_interval, 10U));
  peer.expect(pubrec(1));
  broker.advance(seconds(11));
  peer.send(pubrel(1));
  peer.expect(pubcomp(1));
  peer.expect_nothing();
}

TEST_CASE("a client may shorten its topics by aliases, and define them anew") {  // [MQTT-3.3.2-12]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "#", 0));
  witness.expect(suback(1, {0}));
  Peer peer = broker.peer();
  CHECK(peer.open(connect("a").v5())->properties.number(PropertyId::topic_alias_maximum) == 10U);
  peer.send(publish("one", "1").with(PropertyId::topic_alias, 10U));
  peer.send(publish("", "2").with(PropertyId::topic_alias, 10U));
  peer.send(publish("two", "3").with(PropertyId::topic_alias, 10U));
  peer.send(publish("", "4").with(PropertyId::topic_alias, 10U));
  witness.expect(publish("one", "1"));
  witness.expect(publish("one", "2"));
  witness.expect(publish("two", "3"));
  witness.expect(publish("two", "4"));
  peer.close();
  Peer again = broker.peer();
  again.open(connect("a").v5());
  again.send(publish("", "5").with(PropertyId::topic_alias, 10U));  // [MQTT-3.3.2-7]
  again.expect(disconnect(0x82));
  again.expect_closed();
}

TEST_CASE("without aliases on a listener, an alias is out of range") {
  BrokerFixture broker(1, "max_topic_alias 0");
  Peer peer = broker.peer();
  CHECK_FALSE(peer.open(connect("a").v5())->properties.contains(PropertyId::topic_alias_maximum));
  peer.send(publish("t", "x").with(PropertyId::topic_alias, 1U));
  peer.expect(disconnect(0x94));
}

TEST_CASE(
    "the broker gives aliases to the first topics, as many as the client takes") {  // [MQTT-3.1.2-26]
  // [MQTT-3.1.2-27]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5().with(PropertyId::topic_alias_maximum, 2U));
  peer.send(subscribe(1, "#", 0));
  peer.expect(suback(1, {0}));
  Peer publisher = broker.peer();
  publisher.open(connect("p"));
  for (const char* topic : {"one", "two", "one", "three", "two", "three"})
    publisher.send(publish(topic, "x"));
  peer.expect(publish("one", "x").with(PropertyId::topic_alias, 1U));
  peer.expect(publish("two", "x").with(PropertyId::topic_alias, 2U));
  peer.expect(publish("", "x").with(PropertyId::topic_alias, 1U));
  peer.expect(publish("three", "x"));
  peer.expect(publish("", "x").with(PropertyId::topic_alias, 2U));
  peer.expect(publish("three", "x"));
}

TEST_CASE("payloads of every size arrive byte by byte") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_packet_size 20000000");
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "t", 1));
  peer.expect(suback(1, {1}));
  Peer second = broker.peer();
  second.open(connect("b"));
  second.send(subscribe(1, "t", 0));
  second.expect(suback(1, {0}));
  std::uint16_t id = 0;
  for (const std::size_t size : {0U, 1U, 120U, 127U, 128U, 2047U, 2048U, 2049U, 4056U, 4096U,
                                 16383U, 16384U, 65536U, 1'000'000U, 5'000'000U}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 31 + i / 256);
    ++id;
    peer.send(publish("t", payload).qos(1).id(id));
    peer.expect_in_any_order({puback(id), publish("t", payload).qos(1).id(id)});
    peer.send(puback(id));
    second.expect(publish("t", payload));
  }
}

/// $SYS: what is there, when it comes, and that it adds up.

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "support/broker_fixture.h"

using namespace test;
using std::chrono::seconds;

TEST_CASE("the figures under $SYS are retained, at QoS 2, and hidden from other wildcards") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "sys_interval 10");
  Peer outsider = broker.peer();
  outsider.open(connect("outsider"));
  outsider.send(subscribe(1, "#", 0));
  outsider.expect(suback(1, {0}));
  outsider.expect_nothing();

  Peer peer = broker.peer();
  peer.open(connect("reader").v5().keepalive(0).with(mqtt::PropertyId::receive_maximum, 1U));
  peer.send(subscribe(1, "$SYS/broker/#", 2));
  peer.expect(suback(1, {2}));
  std::map<std::string, std::string> figures;
  // 27 single figures, 2 texts and 27 loads.
  while (figures.size() < 56) {
    const auto message = peer.receive<mqtt::Publish>();
    CHECK(message->retain);
    CHECK(message->qos == mqtt::QoS::exactly_once);
    figures[std::string(message->topic)] = mqtt::as_text(message->payload);
    peer.send(pubrec(message->packet_id));
    peer.expect(pubrel(message->packet_id));
    peer.send(pubcomp(message->packet_id));
  }
  for (const char* topic : {"version",
                            "uptime",
                            "clients/total",
                            "clients/maximum",
                            "clients/connected",
                            "clients/active",
                            "clients/disconnected",
                            "clients/inactive",
                            "clients/expired",
                            "messages/stored",
                            "store/messages/count",
                            "store/messages/bytes",
                            "subscriptions/count",
                            "shared_subscriptions/count",
                            "retained messages/count",
                            "heap/current",
                            "heap/maximum",
                            "messages/received",
                            "messages/sent",
                            "bytes/received",
                            "bytes/sent",
                            "publish/bytes/received",
                            "publish/bytes/sent",
                            "packet/out/count",
                            "packet/out/bytes",
                            "connections/socket/count",
                            "publish/messages/dropped",
                            "publish/messages/received",
                            "publish/messages/sent",
                            "load/messages/received/1min",
                            "load/publish/dropped/5min",
                            "load/connections/15min",
                            "load/sockets/1min"}) {
    INFO(topic);
    CHECK(figures.contains("$SYS/broker/" + std::string(topic)));
  }
  CHECK(figures["$SYS/broker/uptime"].ends_with(" seconds"));
  CHECK(figures["$SYS/broker/load/bytes/sent/15min"] == "0.00");
  outsider.expect_nothing();
}

TEST_CASE("figures are published when they have changed, at multiples of the interval") {
  BrokerFixture broker(1, "sys_interval 10");
  Peer peer = broker.peer();
  peer.open(connect("reader").keepalive(0));
  peer.send(subscribe(1, "$SYS/broker/publish/messages/received", 0));
  peer.expect(suback(1, {0}));
  peer.expect(publish("$SYS/broker/publish/messages/received", "0").retain());
  broker.advance(seconds(11));
  peer.expect_nothing();  // unchanged
  peer.send(publish("t", "x"));
  peer.send(publish("t", "x"));
  peer.expect_nothing();
  broker.advance(seconds(10));
  peer.expect(publish("$SYS/broker/publish/messages/received", "2"));
}

TEST_CASE("with sys_interval 0 there is nothing under $SYS") {
  BrokerFixture broker(1, "sys_interval 0");
  Peer peer = broker.peer();
  peer.open(connect("reader"));
  peer.send(subscribe(1, "$SYS/#", 0));
  peer.expect(suback(1, {0}));
  peer.expect_nothing();
}

TEST_CASE("a reload changes what can be changed, for everyone at once") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(publish("t", "12345").qos(1).id(1));
  peer.expect(puback(1, 0x10));
  broker.reconfigure("message_size_limit 4");
  peer.send(publish("t", "12345").qos(1).id(2));
  peer.expect(puback(2, 0x95));
}

TEST_CASE("overlapping subscriptions of 3.x clients give one copy where the operator says so") {
  BrokerFixture broker(1, "allow_duplicate_messages false");
  Peer old = broker.peer();
  old.open(connect("old"));
  old.send(subscribe(1).filter("t", 1).filter("#", 0).filter("+", 0));
  old.expect(suback(1, {1, 0, 0}));
  Peer fresh = broker.peer();
  fresh.open(connect("fresh").v5());
  fresh.send(subscribe(1).filter("t", 0).filter("#", 0));
  fresh.expect(suback(1, {0, 0}));
  for (const char* payload : {"1", "2"}) fresh.send(publish("t", payload));
  old.expect(publish("t", "1"));
  old.expect(publish("t", "2"));
  old.expect_nothing();
  for (const char* payload : {"1", "1", "2", "2"}) fresh.expect(publish("t", payload));
}

TEST_CASE("expired retained messages are removed every retain_expiry_interval") {
  BrokerFixture broker(1, "retain_expiry_interval 1\nsys_interval 10");
  Peer peer = broker.peer();
  peer.open(connect("a").v5().keepalive(0));
  peer.send(publish("t", "x").retain().with(mqtt::PropertyId::message_expiry_interval, 5U));
  peer.expect_nothing();
  broker.advance(seconds(11));
  peer.send(subscribe(1, "$SYS/broker/retained messages/count", 0));
  peer.expect(suback(1, {0}));
  const auto before = std::stoi(std::string(mqtt::as_text(peer.receive<mqtt::Publish>()->payload)));
  broker.advance(seconds(61));
  broker.advance(seconds(11));
  const auto after = std::stoi(std::string(mqtt::as_text(peer.receive<mqtt::Publish>()->payload)));
  CHECK(after == before - 1);
}

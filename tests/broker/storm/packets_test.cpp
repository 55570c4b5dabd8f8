/// Packets at the edge of what is allowed.

#include <catch2/catch.hpp>

#include "support/broker_fixture.h"

using namespace test;

namespace {

std::string levels(std::string_view level, int count) {
  std::string text(level);
  for (int i = 1; i < count; ++i) text.append("/").append(level);
  return text;
}

}  // namespace

TEST_CASE(
    "a topic of 201 levels is found by filters of as many; one more separator ends the "
    "connection") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer subscriber = broker.peer();
  subscriber.open(connect("subscriber").v5());
  const std::string topic = levels("l", 201);
  const std::string wild = levels("+", 201);
  subscriber.send(subscribe(1, topic, 1)
                      .filter(wild, 1)
                      .filter(levels("+", 200) + "/#", 1)
                      .filter(levels("+", 200), 1));
  subscriber.expect(suback(1, {1, 1, 1, 1}));
  Peer publisher = broker.peer();
  publisher.open(connect("publisher").v5());

  SECTION("201 levels") {
    publisher.send(publish(topic, "deep").qos(1).id(1));
    publisher.expect(puback(1));
    subscriber.expect_in_any_order({publish(topic, "deep").qos(1).id(1),
                                    publish(topic, "deep").qos(1).id(2),
                                    publish(topic, "deep").qos(1).id(3)});
    subscriber.expect_nothing();
  }
  SECTION("202 levels, published") {
    publisher.send(publish(levels("l", 202), "too deep").qos(1).id(1));
    CHECK(publisher.receive<mqtt::Disconnect>()->reason >= mqtt::ReasonCode::unspecified_error);
    publisher.expect_closed();
    subscriber.expect_nothing();
  }
  SECTION("202 levels, subscribed to") {
    publisher.send(subscribe(1, levels("l", 202), 1));
    CHECK(publisher.receive<mqtt::Disconnect>()->reason >= mqtt::ReasonCode::unspecified_error);
    publisher.expect_closed();
  }
  SECTION("nothing but separators") {
    publisher.send(publish(std::string(200, '/'), "empty levels").qos(1).id(1));
    publisher.expect(puback(1));
    subscriber.expect_in_any_order({publish(std::string(200, '/'), "empty levels").qos(1).id(1),
                                    publish(std::string(200, '/'), "empty levels").qos(1).id(2)});
  }
}

TEST_CASE("a Remaining Length of five bytes ends the connection, whatever the packet") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  const char* const packet = GENERATE("10 FFFFFFFF7F", "10 80808080 00");

  SECTION("in place of CONNECT") {
    Peer peer = broker.peer();
    peer.send(packet);
    peer.expect_closed();
  }
  SECTION("after it") {
    const char* const later =
        GENERATE("30 FFFFFFFF7F", "30 80808080 01", "C0 80808080 00", "82 FFFFFFFF FF");
    Peer peer = broker.peer();
    peer.open(connect("client").v5());
    peer.send(later);
    peer.expect_closed();
  }
}

TEST_CASE("a length that is promised costs nothing before it comes") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "max_packet_size 268435455");
  std::vector<Peer> promising;
  for (int i = 0; i < 50; ++i) {
    promising.push_back(broker.peer());
    promising.back().open(connect("promising " + std::to_string(i)));
    promising.back().send("30 FFFFFF7F 0001 'a'");  // the first bytes of 256 MiB
  }
  Peer witness = broker.peer();
  witness.open(connect("witness"));
  witness.expect_nothing();
}

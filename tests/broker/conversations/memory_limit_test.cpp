/// memory_limit: what happens when it is reached, and that nothing which was acknowledged is lost.

#include <catch2/catch.hpp>
#include <string>

#include "runtime/heap_account.h"
#include "support/broker_fixture.h"

using namespace test;
using broker::Count;
using broker::heap_account;

namespace {

constexpr const char* limited = "memory_limit 1000000000000\n";
constexpr std::int64_t all_of_it = 2'000'000'000'000;

/// As if so much were in use, until this goes.
struct Shortage {
  Shortage() {
    heap_account.add(all_of_it);
    REQUIRE(heap_account.exhausted());
  }
  ~Shortage() { heap_account.add(-all_of_it); }
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;
};

Peer client(BrokerFixture& broker, const ConnectBuilder& greeting) {
  Peer peer = broker.peer();
  peer.open(greeting);
  return peer;
}

Peer subscriber(BrokerFixture& broker) {
  Peer peer = client(broker, connect("subscriber"));
  peer.send(subscribe(1, "#", 1));
  peer.expect(suback(1, {1}));
  return peer;
}

}  // namespace

TEST_CASE("at the memory limit messages are refused, not lost") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, limited);
  Peer receiver = subscriber(broker);
  const auto refused = [&broker] {
    return broker->metrics().total(Count::memory_refused_publishes);
  };

  SECTION("a v5 client is told Quota exceeded") {
    Peer peer = client(broker, connect("p").v5());
    {
      const Shortage shortage;
      peer.send(publish("t", "0").qos(0));
      peer.send(publish("t", "1").qos(1).id(1));
      peer.expect(puback(1, 0x97));
      peer.send(publish("t", "2").qos(2).id(2));
      peer.expect(pubrec(2, 0x97));
      CHECK(refused() == 3);
    }
    peer.send(publish("t", "1").qos(1).id(1));
    peer.expect(puback(1));
    receiver.expect(publish("t", "1").qos(1).id(1));
    receiver.expect_nothing();
  }
  SECTION("a 3.x client is disconnected without an acknowledgement, unless it wants none") {
    Peer peer = client(broker, connect("p"));
    {
      const Shortage shortage;
      peer.send(publish("t", "0").qos(0));
      peer.expect_nothing();
      const int qos = GENERATE(1, 2);
      peer.send(publish("t", "x").qos(qos).id(1));
      peer.expect_closed();
      CHECK(refused() == 2);
      CHECK(broker->metrics().total(Count::memory_closed_connections) == 1);
    }
    receiver.expect_nothing();
  }
  SECTION("what was acknowledged before is delivered") {
    Peer peer = client(broker, connect("p").v5());
    peer.send(publish("t", "2").qos(2).id(2));
    peer.expect(pubrec(2));
    const Shortage shortage;
    peer.send(pubrel(2));
    peer.expect(pubcomp(2));
    receiver.expect(publish("t", "2").qos(1).id(1));
  }
  SECTION("a Will that CONNECT brought is published") {
    Peer peer = client(broker, connect("p").will("t", "will", 1));
    const Shortage shortage;
    peer.close();
    receiver.expect(publish("t", "will").qos(1).id(1));
  }
  SECTION("a retained message can be removed") {
    Peer peer = client(broker, connect("p").v5());
    peer.send(publish("t", "kept").qos(1).id(1).retain());
    peer.expect(puback(1));
    receiver.expect(publish("t", "kept").qos(1).id(1));
    receiver.send(puback(1));
    const Shortage shortage;
    peer.send(publish("t", "").qos(1).id(2).retain());
    peer.expect(puback(2));
    receiver.expect(publish("t", "").qos(1).id(2));
  }
}

TEST_CASE("at the memory limit nobody and nothing new is taken") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, limited);
  Peer peer = client(broker, connect("p").v5());
  peer.send(subscribe(1, "old", 0));
  peer.expect(suback(1, {0}));
  SECTION("connections are closed as they come") {
    const Shortage shortage;
    broker.peer().expect_closed();
    CHECK(broker->metrics().total(Count::memory_refused_sockets) == 1);
    peer.expect_nothing();
  }
  SECTION("a CONNECT finds no place for a new session; one that exists goes on") {
    { Peer away = client(broker, connect("away").clean(false)); }
    Peer fresh = broker.peer();
    Peer returning = broker.peer();
    broker->await_turns();
    const auto accepted = [&broker] { return broker->metrics().total(Count::sockets); };
    while (accepted() < 3) broker->await_turns();
    const Shortage shortage;
    fresh.send(connect("fresh").v5());
    fresh.expect(connack(0x97));
    fresh.expect_closed();
    CHECK(broker->metrics().total(Count::memory_refused_sessions) == 1);
    CHECK(returning.open(connect("away").clean(false))->session_present);
  }
  SECTION("subscriptions are refused, but for what is there") {
    const Shortage shortage;
    peer.send(subscribe(2).filter("old", 1).filter("new", 1));
    peer.expect(suback(2, {1, 0x97}));
    CHECK(broker->metrics().total(Count::memory_refused_subscriptions) == 1);
  }
  SECTION("a large packet is not waited for") {
    peer.send(publish("first", "").qos(1).id(1));
    peer.expect(puback(1, 0x10));
    const Shortage shortage;
    peer.send("32 80 89 5A");  // of 1.5 million bytes
    const Bytes part(100'000, 0x00);
    peer.send(mqtt::ByteView(part));
    peer.expect(disconnect(0x97));
    peer.expect_closed();
    CHECK(broker->metrics().total(Count::memory_closed_connections) == 1);
  }
}

TEST_CASE("a memory limit comes and goes with the configuration") {
  BrokerFixture broker;
  CHECK_FALSE(heap_account.counting());
  CHECK(heap_account.limit() == 0);
  Peer peer = client(broker, connect("p").v5());
  broker.reconfigure("memory_limit 1\n");
  CHECK(heap_account.limit() == 1);
  peer.send(publish("t", "x").qos(1).id(1));
  // A sanitizer's allocator does not tell how much is in use.
  if (heap_account.bytes() > 1) {
    peer.expect(puback(1, 0x97));
    broker.advance(std::chrono::seconds(2));
    CHECK(heap_account.exhausted());
    CHECK(heap_account.peak() >= heap_account.bytes());
  } else {
    peer.expect(puback(1, 0x10));
  }
  broker.reconfigure("");
  CHECK_FALSE(heap_account.exhausted());
  peer.send(publish("t", "x").qos(1).id(1));
  peer.expect(puback(1, 0x10));
}

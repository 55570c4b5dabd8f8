/// What a peak took does not stay with the process.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "runtime/heap_trim.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;
using broker::HeapTrim;

namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;

/// Messages of a kilobyte to "queued"; after every fiftieth one that stays, as retained memory between
/// what comes and goes.
bool fill_queue(SocketClient& publisher, int messages) {
  const std::string payload(1000, 'x');
  for (int i = 1; i <= messages; ++i) {
    const auto id = static_cast<std::uint16_t>(i % 60000 + 1);
    publisher.send(publish("queued", payload).qos(1).id(id));
    if (i % 50 == 0) publisher.send(publish("kept/" + std::to_string(i), payload).retain());
    if (i % 100 != 0) continue;
    for (int acks = 0; acks < 100; ++acks) {
      if (publisher.receive().as<mqtt::Puback>() == nullptr) return false;
    }
  }
  return true;
}

bool empty_queue(SocketClient& subscriber, int messages) {
  for (int received = 0; received < messages;) {
    const auto arrived = subscriber.receive();
    if (arrived.what != SocketClient::Arrival::packet) return false;
    const auto* publish = arrived.as<mqtt::Publish>();
    if (publish == nullptr) continue;
    ++received;
    subscriber.send(puback(publish->packet_id));
  }
  return true;
}

}  // namespace

TEST_CASE("memory that a long queue took is given back to the system when it is empty") {
  if (sanitized) return;  // another allocator, which keeps what is freed on purpose
  const unsigned workers = GENERATE(1U, 2U);
  constexpr int messages = 60'000;
  BrokerFixture broker(workers, "max_queued_messages 0");
  const auto durable = connect("subscriber").clean(false).keepalive(0);
  {
    SocketClient subscriber(broker.port());
    REQUIRE(subscriber.open(durable));
    subscriber.send(subscribe(1, "queued", 1));
    REQUIRE(subscriber.receive().as<mqtt::Suback>() != nullptr);
  }
  REQUIRE(eventually([&] { return broker->metrics().total(Count::sockets) == 0; }));
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher").keepalive(0)));
  const std::int64_t before = HeapTrim::resident();
  REQUIRE(fill_queue(publisher, messages));
  CHECK(eventually([&] { return broker->metrics().total(Count::queued_messages) == messages; }));
  CHECK(HeapTrim::resident() > before + 60 * mebibyte);

  SocketClient subscriber(broker.port());
  REQUIRE(subscriber.open(durable));
  REQUIRE(empty_queue(subscriber, messages));
  CHECK(eventually([&] { return broker->metrics().total(Count::in_flight_messages) == 0; }));
  CHECK(eventually([&] {
    broker.advance(std::chrono::seconds(6));
    return HeapTrim::resident() < before + 20 * mebibyte;
  }));
  INFO("resident before " << before / mebibyte << " MiB, after " << HeapTrim::resident() / mebibyte);
  CHECK(broker->metrics().unaccounted() == 0);
}

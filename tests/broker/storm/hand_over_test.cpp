/// Members of a share group come and go while messages are on their way: what one of them leaves,
/// another gets.

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;

namespace {

/// Numbers of messages that some member has taken responsibility for.
class Taken {
 public:
  void add(std::string_view payload) {
    const std::scoped_lock guard(mutex_);
    numbers_.insert(std::stoi(std::string(payload)));
  }
  std::size_t count() const { return numbers_.size(); }

 private:
  std::mutex mutex_;
  std::set<int> numbers_;
};

bool join_group(SocketClient& client, const ConnectBuilder& as) {
  if (!client.open(as)) return false;
  client.send(subscribe(1, "$share/g/t", 1).filter("end", 1));
  return client.receive().as<mqtt::Suback>() != nullptr;
}

/// Takes every message until the one on "end".
void take_all(SocketClient& client, Taken& taken) {
  for (;;) {
    const auto arrived = client.receive();
    if (arrived.what != SocketClient::Arrival::packet) return;
    const auto* publish = arrived.as<mqtt::Publish>();
    if (publish == nullptr) continue;
    client.send(puback(publish->packet_id));
    if (publish->topic == "end") return;
    taken.add(mqtt::as_text(publish->payload));
  }
}

/// Takes some of what it is sent until its PINGREQ is answered, and leaves in one way or another.
void pass(SocketClient& client, Taken& taken, unsigned round) {
  client.send(pingreq());
  for (unsigned i = 0; i < round % 6; ++i) {
    const auto arrived = client.receive();
    const auto* publish = arrived.as<mqtt::Publish>();
    if (publish == nullptr) break;
    if (publish->topic != "t" || i % 3 == 2) continue;
    taken.add(mqtt::as_text(publish->payload));
    client.send(puback(publish->packet_id));
  }
  if (round % 4 == 1) client.send(unsubscribe(2, "$share/g/t"));
  if (round % 3 == 0) client.send(disconnect());
  if (round % 3 == 1) client.reset();
}

}  // namespace

TEST_CASE("nothing that a share group was given is lost as long as one member stays") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int messages = sanitized ? 200 : 1500;
  BrokerFixture broker(workers, "max_queued_messages 0\nmax_inflight_messages 5");
  Taken taken;
  SocketClient staying(broker.port());
  REQUIRE(join_group(staying, connect("staying").keepalive(0)));
  SocketClient publisher(broker.port());
  REQUIRE(publisher.open(connect("publisher").keepalive(0)));
  Crowd stayer;
  stayer.add(1, [&](unsigned) { take_all(staying, taken); });
  std::atomic<bool> over{false};
  Crowd passers;
  passers.add(3, [&](unsigned thread) {
    for (unsigned round = thread; !over; ++round) {
      SocketClient passing(broker.port());
      auto as = connect("passing " + std::to_string(thread)).v5().clean(round % 5 != 0);
      if (round % 2 == 0) as.with(mqtt::PropertyId::session_expiry_interval, 1000U);
      if (join_group(passing, as)) pass(passing, taken, round);
    }
  });
  int acknowledged = 0;
  for (int i = 1; i <= messages; ++i) {
    publisher.send(publish("t", std::to_string(i)).qos(1).id(1));
    if (publisher.receive().as<mqtt::Puback>() != nullptr) ++acknowledged;
  }
  over = true;
  passers.join();
  CHECK(acknowledged == messages);
  CHECK(eventually([&] { return broker->metrics().total(Count::sockets) == 2; }));
  broker.advance(std::chrono::seconds(1001));  // those that were left behind end
  for (int round = 0; round < 4; ++round) broker->look_at_clock();
  CHECK(broker->metrics().total(Count::sessions) == 2);
  CHECK(broker->metrics().unaccounted() == 0);
  publisher.send(publish("end", "").qos(1).id(2));
  stayer.join();
  CHECK(taken.count() == messages);
  CHECK(broker->metrics().dropped() == 0);
}

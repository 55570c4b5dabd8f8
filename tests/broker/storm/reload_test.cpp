/// Reloads in quick succession while clients publish, subscribe, come and go: nobody who should
/// stay is lost, and no message of QoS 1 and 2.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <string>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/sanitized.h"
#include "support/scratch_folder.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;

namespace {

constexpr int messages = sanitized ? 60 : 300;
constexpr unsigned publishers = 3;
constexpr unsigned subscribers = 3;

/// Publishes `messages` numbered ones to `topic` and carries each flow to its end. The number of
/// those that the broker has taken.
int publish_all(SocketClient& client, const std::string& topic, int qos,
                const std::atomic<bool>& go_on) {
  int taken = 0;
  for (int i = 1; (i <= messages || go_on) && i <= 100 * messages; ++i) {
    if (!client.send(publish(topic, std::to_string(i)).qos(qos).id(1))) break;
    if (qos == 1) {
      if (client.receive().as<mqtt::Puback>() == nullptr) break;
    } else {
      if (client.receive().as<mqtt::Pubrec>() == nullptr) break;
      if (!client.send(pubrel(1)) || client.receive().as<mqtt::Pubcomp>() == nullptr) break;
    }
    ++taken;
  }
  return taken;
}

/// What a subscriber has received, by topic: the last number, and whether each followed the one
/// before.
struct Heard {
  std::map<std::string, int> last;
  bool in_order = true;
  std::string lost;  ///< how the connection ended, if it did

  void take(std::string_view topic, std::string_view payload) {
    const int number = std::stoi(std::string(payload));
    int& before = last[std::string(topic)];
    in_order = in_order && number == before + 1;
    before = number;
  }
  /// Reads and acknowledges until a message on the topic "end" has come.
  void read(SocketClient& client) {
    for (;;) {
      const auto arrived = client.receive();
      if (arrived.what != SocketClient::Arrival::packet) {
        lost = arrived.what == SocketClient::Arrival::closed ? "closed" : "silent";
        return;
      }
      if (const auto* release = arrived.as<mqtt::Pubrel>())
        client.send(pubcomp(release->packet_id));
      if (const auto* end = arrived.as<mqtt::Disconnect>()) {
        lost = "told " + std::string(mqtt::name(end->reason, mqtt::PacketType::disconnect));
        return;
      }
      const auto* message = arrived.as<mqtt::Publish>();
      if (message == nullptr) continue;
      if (message->qos == mqtt::QoS::at_least_once) client.send(puback(message->packet_id));
      if (message->qos == mqtt::QoS::exactly_once) client.send(pubrec(message->packet_id));
      if (message->topic == "end") return;
      take(message->topic, mqtt::as_text(message->payload));
    }
  }
};

/// Comes by the listener that stays and by one that comes and goes, in turns, until `over`. What
/// went wrong beside the listener's end.
int come_and_go(std::uint16_t lasting_port, const std::atomic<std::uint16_t>& port, unsigned thread,
                const std::atomic<bool>& over) {
  int wrong = 0;
  for (unsigned round = 0; !over; ++round) {
    try {
      SocketClient client(round % 2 == 0 ? lasting_port : port.load());
      auto packet =
          connect("passing " + std::to_string((thread + round) % 4)).v5().clean(round % 3 == 0);
      if (round % 4 == 1) packet.with(mqtt::PropertyId::session_expiry_interval, 1000U);
      if (!client.open(packet)) continue;
      client.send(subscribe(1, "load/+", static_cast<int>(round % 3)));
      client.send(publish("passing", "x").qos(1).id(1));
      for (bool answered = false; !answered;) {
        const auto arrived = client.receive();
        if (arrived.what == SocketClient::Arrival::not_mqtt) ++wrong;
        if (arrived.what != SocketClient::Arrival::packet) break;
        answered = arrived.as<mqtt::Puback>() != nullptr;
      }
      if (round % 5 == 0) client.reset();
    } catch (const std::system_error&) {
      // Nobody listens there at the moment.
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("reloads ten times a second under load lose nobody who should stay, and no message") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int reloads = sanitized ? 12 : 20;
  const ScratchFolder folder;
  const std::string rules = "acl_file " + folder.file("acl", "topic readwrite #\n") + "\n";
  const std::string always = "max_queued_messages 0\nmax_inflight_messages 100\n";
  const std::array<std::string, 5> configurations{
      always + "listener 1884 127.1\n",
      always + rules + "max_packet_size 5000\nmax_qos 1\nretain_available false\n",
      always + "max_inflight_bytes 2000\nlistener 1885 127.0.1\nlistener 1884 127.1\n" + rules,
      always +
          "listener 1884 127.1\nprotocol websockets\nlistener 1885 127.0.1\nmax_connections 2\n",
      always +
          "max_output_buffer 65536\nmax_topic_alias 0\nsys_interval 1\nlistener 1884 127.1\n"
          "socket_domain ipv4\n"};
  BrokerFixture broker(workers, configurations[0]);
  const std::uint16_t port = broker.port();
  std::atomic<std::uint16_t> other_port{broker.port(1)};

  std::array<Heard, subscribers> heard;
  std::vector<SocketClient> readers;
  for (unsigned i = 0; i < subscribers; ++i) {
    SocketClient& reader = readers.emplace_back(broker.port());
    REQUIRE(reader.open(connect("reader " + std::to_string(i)).v5().keepalive(0)));
    reader.send(subscribe(1).filter("load/#", 2).filter("end", 1));
    REQUIRE(reader.receive().as<mqtt::Suback>() != nullptr);
  }
  Crowd reading;
  reading.add(subscribers, [&](unsigned i) { heard[i].read(readers[i]); });

  std::vector<SocketClient> writers;
  for (unsigned i = 0; i < publishers; ++i) {
    SocketClient& writer = writers.emplace_back(port);
    REQUIRE(writer.open(connect("writer " + std::to_string(i)).keepalive(0)));
  }
  std::atomic<bool> reloading{true};
  std::array<int, publishers> taken{};
  Crowd publishing;
  publishing.add(publishers, [&](unsigned i) {
    taken[i] = publish_all(writers[i], "load/" + std::to_string(i), i % 2 == 0 ? 1 : 2, reloading);
  });
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  Crowd passing;
  passing.add(3, [&](unsigned i) { wrong += come_and_go(port, other_port, i, over); });

  int refused = 0;
  auto next = std::chrono::steady_clock::now();
  for (int i = 1; i <= reloads; ++i) {
    const auto& configuration = configurations[static_cast<unsigned>(i) % configurations.size()];
    if (!broker.try_to_reconfigure(configuration)) ++refused;
    const std::size_t listeners = broker->config().listeners.size();
    other_port = broker.port(listeners - 1);
    next += std::chrono::milliseconds(100);  // the rate is what is tested
    std::this_thread::sleep_until(next);
  }
  CHECK(refused == 0);
  reloading = false;
  publishing.join();
  over = true;
  SocketClient last(broker.port());
  REQUIRE(last.open(connect("last")));
  last.send(publish("end", "now").qos(1).id(1));
  CHECK(last.receive().as<mqtt::Puback>() != nullptr);
  reading.join();
  passing.join();

  CHECK(wrong == 0);
  for (unsigned i = 0; i < publishers; ++i) CHECK(taken[i] >= messages);
  for (const Heard& seen : heard) {
    CHECK(seen.lost == "");
    CHECK(seen.in_order);
    for (unsigned i = 0; i < publishers; ++i) {
      CAPTURE(workers, i);
      const auto found = seen.last.find("load/" + std::to_string(i));
      const int last_heard = found == seen.last.end() ? 0 : found->second;
      CHECK(last_heard == taken[i]);
    }
  }
  readers.clear();
  writers.clear();
  last.close();
  CHECK(eventually([&] { return broker->metrics().total(Count::sockets) == 0; }));
  for (int round = 0; round < 4; ++round) broker->look_at_clock();
  CHECK(broker->metrics().unaccounted() == 0);
}

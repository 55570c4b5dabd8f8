// The asynchronous client against a broker of another make.
#include <catch2/catch.hpp>
#include <string>

#include "libmqtt/client/mosquitto.h"
#include "libmqtt/client/relay.h"
#include "libmqtt/client/watched_client.h"

namespace {

using namespace test;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::client::ClientOptions;
using mqtt::client::ReconnectPolicy;

/// False, with a message that is seen, where there is no such broker.
bool has_mosquitto() {
  if (Mosquitto::is_installed()) return true;
  WARN("skipped: no mosquitto on this machine");
  return false;
}

/// A client that comes to be connected, however long the broker takes to start.
ClientOptions options(std::uint16_t port, ProtocolVersion version, const std::string& client_id) {
  ClientOptions options;
  options.endpoint.host = "localhost";
  options.endpoint.port = port;
  options.connect.version = version;
  options.connect.client_id = client_id;
  options.reconnect = ReconnectPolicy{};
  options.reconnect->first_delay = std::chrono::milliseconds(10);
  options.reconnect->max_delay = std::chrono::milliseconds(100);
  options.reconnect->retry_first = true;
  return options;
}

void open(mqtt::io::Loop& loop, WatchedClient& watched) {
  watched.client->connect();
  turn_until(loop, "a connection", [&] { return watched.client->connected(); });
  watched.forget();
}

TEST_CASE("A client speaks with Mosquitto") {
  if (!has_mosquitto()) return;
  const auto version = GENERATE(ProtocolVersion::v31, ProtocolVersion::v311, ProtocolVersion::v5);
  CAPTURE(static_cast<int>(version));
  Mosquitto broker;
  mqtt::io::Loop loop;

  SECTION("at every QoS, both ways") {
    WatchedClient watched(loop, options(broker.port(), version, "both"));
    open(loop, watched);
    CHECK(watched.subscribe({"q/0"}, 0).empty());
    watched.see("subscribed 0x00");
    CHECK(watched.subscribe({"q/1", "q/2"}, 2).empty());
    watched.see("subscribed 0x02 0x02");
    for (int qos = 0; qos <= 2; ++qos) {
      CHECK(watched.publish("q/" + std::to_string(qos), std::to_string(qos), qos).empty());
    }
    watched.see_in_any_order({"published 0", "published 1", "published 2",
                              "message 'q/0' '0' QoS 0", "message 'q/1' '1' QoS 1",
                              "message 'q/2' '2' QoS 2"});
    CHECK(watched.unsubscribe({"q/0"}).empty());
    watched.see("unsubscribed 0x00");
    watched.client->disconnect();
    watched.see("ended: requested");
  }

  SECTION("retained messages") {
    WatchedClient writer(loop, options(broker.port(), version, "writer"));
    open(loop, writer);
    CHECK(writer.publish("kept", "x", 1, true).empty());
    writer.see(is_v5(version) ? "published x 0x10" : "published x");  // nobody was there
    WatchedClient reader(loop, options(broker.port(), version, "reader"));
    open(loop, reader);
    CHECK(reader.subscribe({"kept"}, 1).empty());
    reader.see_in_any_order({"subscribed 0x01", "message 'kept' 'x' QoS 1 retain"});
  }

  SECTION("the will of a client that vanishes, and not of one that says goodbye") {
    WatchedClient heir(loop, options(broker.port(), version, "heir"));
    open(loop, heir);
    CHECK(heir.subscribe({"will/#"}, 1).empty());
    heir.see("subscribed 0x01");

    auto polite_options = options(broker.port(), version, "polite");
    polite_options.connect.will = mqtt::WillParameters{"will/polite", "x", mqtt::QoS(1), false, {}};
    WatchedClient polite(loop, polite_options);
    open(loop, polite);
    polite.client->disconnect();
    polite.see("ended: requested");

    auto sudden_options = options(broker.port(), version, "sudden");
    sudden_options.connect.will = mqtt::WillParameters{"will/sudden", "y", mqtt::QoS(1), false, {}};
    WatchedClient sudden(loop, sudden_options);
    open(loop, sudden);
    sudden.client.reset();
    heir.see("message 'will/sudden' 'y' QoS 1");
    heir.see_nothing();
  }

  SECTION("large messages") {
    WatchedClient watched(loop, options(broker.port(), version, "large"));
    open(loop, watched);
    CHECK(watched.subscribe({"large"}, 2).empty());
    watched.see("subscribed 0x02");
    const std::string large = "large " + repeated(3'000'000);
    CHECK(watched.publish("large", large, 2).empty());
    watched.see_in_any_order({"published large", "message 'large' '" + large + "' QoS 2"});
  }

  SECTION("many messages, in order and through its window") {
    WatchedClient watched(loop, options(broker.port(), version, "many"));
    open(loop, watched);
    CHECK(watched.subscribe({"many"}, 2).empty());
    watched.see("subscribed 0x02");
    std::vector<std::string> received;
    std::size_t published = 0;
    watched.on_anything = [&](const std::string& event) {
      if (event.rfind("message", 0) == 0) received.push_back(event);
      if (event.rfind("published", 0) == 0) ++published;
    };
    constexpr int count = 500;
    for (int i = 0; i < count; ++i) CHECK(watched.publish("many", std::to_string(i), 2).empty());
    turn_until(loop, "all messages",
               [&] { return received.size() == count && published == count; });
    for (int i = 0; i < count; ++i) {
      CHECK(received[static_cast<std::size_t>(i)] ==
            "message 'many' '" + std::to_string(i) + "' QoS 2");
    }
  }
}

TEST_CASE("A client survives a network that fails between it and Mosquitto") {
  if (!has_mosquitto()) return;
  const auto version = GENERATE(ProtocolVersion::v31, ProtocolVersion::v311, ProtocolVersion::v5);
  CAPTURE(static_cast<int>(version));
  Mosquitto broker;
  mqtt::io::Loop loop;
  Relay relay(loop, broker.port());
  WatchedClient observer(loop, options(broker.port(), version, "observer"));
  open(loop, observer);

  auto durable = options(relay.port(), version, "durable");
  durable.connect.clean_start = false;
  if (is_v5(version)) {
    durable.connect.properties.add(PropertyId::session_expiry_interval, 3600);
  }
  WatchedClient watched(loop, durable);
  open(loop, watched);
  const std::string back =
      version == ProtocolVersion::v31 ? "connected" : "connected, session present";

  SECTION("what it sends arrives, at QoS 2 exactly once") {
    CHECK(observer.subscribe({"out/#"}, 2).empty());
    observer.see("subscribed 0x02");
    relay.swallow_answers();
    CHECK(watched.publish("out/2", "two", 2).empty());
    turn_until(loop, "PUBREC", [&] { return relay.swallowed() != 0; });
    relay.cut();
    watched.see("ended: lost, retry");
    CHECK(watched.publish("out/1", "late", 1).empty());
    watched.see(back);
    watched.see_in_any_order({"published two", "published late"});
    observer.see_in_any_order({"message 'out/2' 'two' QoS 2", "message 'out/1' 'late' QoS 1"});
    observer.see_nothing();
  }

  SECTION("what was sent to it meanwhile waits for it") {
    CHECK(watched.subscribe({"in"}, 2).empty());
    watched.see("subscribed 0x02");
    watched.client->disconnect();
    watched.see("ended: requested");
    CHECK(observer.publish("in", "a", 1).empty());
    CHECK(observer.publish("in", "b", 2).empty());
    observer.see_in_any_order({"published a", "published b"});
    watched.client->connect();
    watched.see(back);
    watched.see("message 'in' 'a' QoS 1");
    watched.see("message 'in' 'b' QoS 2");
    watched.see_nothing();
  }
}

TEST_CASE("A client and Mosquitto use what version 5 offers") {
  if (!has_mosquitto()) return;
  Mosquitto broker(
      "max_topic_alias 5\nmax_inflight_messages 3\nmax_keepalive 30\n"
      "max_packet_size 1000\nretain_available false");
  mqtt::io::Loop loop;
  auto v5 = options(broker.port(), ProtocolVersion::v5, "");
  v5.connect.keep_alive_s = 60;
  v5.connect.automatic_topic_aliases = 2;
  WatchedClient watched(loop, v5);
  open(loop, watched);
  const auto& limits = watched.client->session().server_limits();

  SECTION("the server's limits") {
    CHECK(limits.topic_alias_maximum == 5);
    CHECK(limits.receive_maximum == 3);
    CHECK(limits.keep_alive_s == 30);
    CHECK(limits.maximum_packet_size == 1000);
    CHECK_FALSE(limits.retain_available);
    CHECK_FALSE(watched.client->parameters().client_id.empty());
    CHECK(watched.publish("t", repeated(2000), 0) == "packet too large");
    CHECK(watched.publish("t", "x", 0, true) == "the server does not support retained messages");
  }
  SECTION("topic aliases, while more wait than the window allows") {
    CHECK(watched.subscribe({"alias/#"}, 1).empty());
    watched.see("subscribed 0x01");
    std::vector<std::string> events;
    for (int i = 0; i < 20; ++i) {
      const std::string topic = "alias/" + std::to_string(i % 4);
      CHECK(watched.publish(topic, std::to_string(i), 1).empty());
      events.push_back("published " + std::to_string(i));
      events.push_back("message '" + topic + "' '" + std::to_string(i) + "' QoS 1");
    }
    watched.see_in_any_order(events);
  }
  SECTION("reason codes") {
    CHECK(watched.publish("nobody", "x", 1).empty());
    watched.see("published x 0x10");
  }
}

}  // namespace

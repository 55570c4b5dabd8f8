/// $SYS: what is there, when it comes, and that it adds up.

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "support/broker_fixture.h"

using namespace test;
using std::chrono::seconds;

namespace {

/// The topics in the tables of docs/sys-topics.md; `{a,b}` in one stands for two.
std::set<std::string> documented_topics() {
  std::ifstream file(MQTT_SOURCE_DIR "/docs/sys-topics.md");
  REQUIRE(file.is_open());
  static const std::regex row(R"(^\| `(\$SYS/[^`{]+)(?:\{([^}]*)\})?` \| .+ \|$)");
  std::set<std::string> topics;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    std::istringstream ends(match[2].matched ? match[2].str() : " ");
    for (std::string end; std::getline(ends, end, ',');)
      CHECK(topics.insert(match[1].str() + (match[2].matched ? end : "")).second);
  }
  return topics;
}

std::set<std::string> names_of(const std::map<std::string, std::string>& figures) {
  std::set<std::string> names;
  for (const auto& figure : figures) names.insert(figure.first);
  return names;
}

}  // namespace

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
  // 27 single figures, 2 texts, 27 loads and the drops.
  while (figures.size() < 56 + broker::number_of_drop_reasons) {
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
  for (std::size_t row = 0; row < broker::number_of_drop_reasons; ++row) {
    const auto& reason = broker::info(static_cast<broker::DropReason>(row));
    CHECK(figures["$SYS/broker/publish/dropped/" + std::string(reason.name)] == "0");
  }
  CHECK(documented_topics() == names_of(figures));
  CHECK(figures["$SYS/broker/uptime"].ends_with(" seconds"));
  CHECK(figures["$SYS/broker/load/bytes/sent/15min"] == "0.00");
  outsider.expect_nothing();
}

TEST_CASE("each reason for a drop has a figure of its own") {
  BrokerFixture broker(1, "sys_interval 10\nmax_queued_messages 1");
  Peer away = broker.peer();
  away.open(connect("away").clean(false));
  away.send(subscribe(1, "t", 1));
  away.expect(suback(1, {1}));
  away.send(disconnect());
  away.expect_closed();
  Peer peer = broker.peer();
  peer.open(connect("reader").keepalive(0));
  peer.send(publish("t", "offline"));
  for (std::uint16_t id = 1; id <= 3; ++id) {
    peer.send(publish("t", "x").qos(1).id(id));
    peer.expect(puback(id));
  }
  broker.advance(seconds(11));
  peer.send(subscribe(1, "$SYS/broker/publish/dropped/+", 0));
  peer.expect(suback(1, {0}));
  std::map<std::string, std::string> figures;
  while (figures.size() < broker::number_of_drop_reasons) {
    const auto message = peer.receive<mqtt::Publish>();
    figures[std::string(message->topic)] = mqtt::as_text(message->payload);
  }
  for (const auto& [topic, value] : figures) {
    CAPTURE(topic);
    const char* wanted = topic.ends_with("/queue_full")     ? "2"
                         : topic.ends_with("/offline_qos0") ? "1"
                                                            : "0";
    CHECK(value == wanted);
  }
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

/// CONNECT byte by byte, and what is answered: CONNACK, or nothing but the close.

#include <catch2/catch.hpp>
#include <string>

#include "mqtt/protocol/encode.h"
#include "support/broker_fixture.h"
#include "support/socket_client.h"

using namespace test;
using mqtt::PropertyId;

namespace {

struct Row {
  const char* name;
  const char* bytes;
  const char* answer;  ///< "" : closed without a word
  bool stays_open = false;
};

const Row rows[] = {
    // Protocol name and level
    {"3.1", "10 0f 0006 'MQIsdp' 03 02 003c 0001 'a'", "20 02 0000", true},
    {"3.1.1", "10 0d 0004 'MQTT' 04 02 003c 0001 'a'", "20 02 0000", true},  // [MQTT-3.1.4-5]
    // Without a method in CONNECT, there is none in CONNACK. [MQTT-4.12.0-6]
    {"5", "10 0e 0004 'MQTT' 05 02 003c 00 0001 'a'", "20 0e 00 00 0b 22 000a 27 001e8480 21 0014",
     true},
    {"a bridge of 3.1", "10 0f 0006 'MQIsdp' 83 02 003c 0001 'a'", "20 02 0000", true},
    {"a bridge of 3.1.1", "10 0d 0004 'MQTT' 84 02 003c 0001 'a'", "20 02 0000", true},
    {"level 6", "10 0d 0004 'MQTT' 06 02 003c 0001 'a'", "20 03 00 84 00"},  // [MQTT-3.1.2-2]
    {"the name of 3.1 with level 4", "10 0f 0006 'MQIsdp' 04 02 003c 0001 'a'",
     "20 02 0001"},  // [MQTT311-3.1.2-2]
    {"the name of 3.1.1 with level 3", "10 0d 0004 'MQTT' 03 02 003c 0001 'a'", "20 02 0001"},
    {"another name", "10 0d 0004 'MQTX' 04 02 003c 0001 'a'", ""},  // [MQTT-3.1.2-1]
    {"first packet is not CONNECT", "c0 00", ""},                   // [MQTT-3.1.0-1]
    {"first byte is not of CONNECT", "c0", ""},
    {"HTTP", "'GET'", ""},
    {"TLS", "16 03 01", ""},
    // Flags
    {"fixed header flags, 3.1.1", "11 0d 0004 'MQTT' 04 02 003c 0001 'a'", ""},
    {"reserved flag, 3.1.1", "10 0d 0004 'MQTT' 04 03 003c 0001 'a'", ""},  // [MQTT-3.1.2-3]
    {"reserved flag, 5", "10 0e 0004 'MQTT' 05 03 003c 00 0001 'a'", ""},
    {"Will QoS 3", "10 13 0004 'MQTT' 04 1e 003c 0001 'a' 0001 'w' 0001 'x'",
     ""},  // [MQTT-3.1.2-12]
    {"Will QoS without Will, 3.1.1", "10 0d 0004 'MQTT' 04 0a 003c 0001 'a'",
     ""},  // [MQTT-3.1.2-11]
    {"Will retain without Will, 3.1.1", "10 0d 0004 'MQTT' 04 22 003c 0001 'a'",
     ""},  // [MQTT-3.1.2-13]
    {"password without user name, 3.1.1", "10 10 0004 'MQTT' 04 42 003c 0001 'a' 0001 'p'",
     ""},  // [MQTT311-3.1.2-22]
    {"password without user name, 5", "10 11 0004 'MQTT' 05 42 003c 00 0001 'a' 0001 'p'",
     "20 0e 00 00 0b 22 000a 27 001e8480 21 0014", true},
    // Client identifier
    {"empty identifier, 3.1", "10 0e 0006 'MQIsdp' 03 02 003c 0000",
     "20 02 0002"},  // [MQTT311-3.1.3-9]
    {"empty identifier and clean, 3.1.1", "10 0c 0004 'MQTT' 04 02 003c 0000", "20 02 0000", true},
    {"empty identifier and not clean, 3.1.1", "10 0c 0004 'MQTT' 04 00 003c 0000",
     "20 02 0002"},  // [MQTT311-3.1.3-8]
    {"identifier of bad UTF-8, 3.1.1", "10 0d 0004 'MQTT' 04 02 003c 0001 ff", ""},
    {"identifier of bad UTF-8, 5", "10 0e 0004 'MQTT' 05 02 003c 00 0001 ff",
     "20 03 00 85 00"},  // [MQTT-3.1.3-4] [MQTT-3.1.3-8]
    // Will
    {"empty Will topic, 3.1.1", "10 12 0004 'MQTT' 04 06 003c 0001 'a' 0000 0001 'x'", ""},
    {"empty Will topic, 5", "10 14 0004 'MQTT' 05 06 003c 00 0001 'a' 00 0000 0001 'x'",
     "20 03 00 82 00"},
    {"wildcard in the Will topic", "10 13 0004 'MQTT' 04 06 003c 0001 'a' 0001 '#' 0001 'x'", ""},
    // Length
    {"bytes after the payload, 3.1.1", "10 0e 0004 'MQTT' 04 02 003c 0001 'a' 00",
     ""},  // [MQTT311-3.1.4-1]
    {"bytes after the payload, 5", "10 0f 0004 'MQTT' 05 02 003c 00 0001 'a' 00",
     "20 03 00 81 00"},  // [MQTT-3.1.4-1]
    {"truncated", "10 0b 0004 'MQTT' 04 02 003c 00", ""},
    {"length field of five bytes", "10 ff ff ff ff 01", ""},
    // Properties
    {"a property twice", "10 18 0004 'MQTT' 05 02 003c 0a 11 00000001 11 00000002 0001 'a'",
     "20 03 00 82 00"},
    {"an unknown property", "10 10 0004 'MQTT' 05 02 003c 02 7f 00 0001 'a'", "20 03 00 81 00"},
    {"a property of another packet", "10 11 0004 'MQTT' 05 02 003c 03 23 0001 0001 'a'",
     "20 03 00 82 00"},
    {"Receive Maximum 0", "10 11 0004 'MQTT' 05 02 003c 03 21 0000 0001 'a'", "20 03 00 82 00"},
    {"Maximum Packet Size 0", "10 13 0004 'MQTT' 05 02 003c 05 27 00000000 0001 'a'",
     "20 03 00 82 00"},
    {"Request Problem Information 2", "10 10 0004 'MQTT' 05 02 003c 02 17 02 0001 'a'",
     "20 03 00 82 00"},
    {"Authentication Data without Method", "10 12 0004 'MQTT' 05 02 003c 04 16 0001 'x' 0001 'a'",
     "20 03 00 82 00"},
    {"an Authentication Method that nobody knows",
     "10 12 0004 'MQTT' 05 02 003c 04 15 0001 'x' 0001 'a'", "20 03 00 8c 00"},  // [MQTT-4.12.0-1]
};

}  // namespace

TEST_CASE("a CONNECT is answered as its bytes deserve") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Peer peer = broker.peer();
      peer.send(row.bytes);
      if (*row.answer != '\0') peer.expect(row.answer);
      if (row.stays_open) {
        peer.expect_nothing();
      } else {
        peer.expect_closed();  // [MQTT-3.2.2-7]
      }
    }
  }
}

TEST_CASE("a second CONNECT ends the connection without a word") {  // [MQTT-3.1.0-2] [MQTT-3.2.0-2]
  BrokerFixture broker;
  for (const bool v5 : {false, true}) {
    Peer peer = broker.peer();
    peer.open(v5 ? connect("a").v5() : connect("a"));
    peer.send(v5 ? connect("a").v5() : connect("a"));
    peer.expect_closed();
  }
}

TEST_CASE("a client without an identifier is given one that nobody can guess") {  // [MQTT-3.1.3-6]
                                                                                  // [MQTT-3.1.3-7]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers, "auto_id_prefix plant-");
  Peer first = broker.peer();
  Peer second = broker.peer();
  const auto one = first.open(connect("").v5());
  const auto other = second.open(connect("").v5());
  const auto one_id =
      one->properties.text(PropertyId::assigned_client_identifier);  // [MQTT-3.2.2-16]
  const auto other_id = other->properties.text(PropertyId::assigned_client_identifier);
  REQUIRE(one_id);
  REQUIRE(other_id);
  CHECK(one_id->starts_with("plant-"));
  CHECK(one_id->size() == 6 + 36);
  CHECK(*one_id != *other_id);
}

TEST_CASE(
    "a client identifier may have any letters and digits, 1 to 23 of them") {  // [MQTT-3.1.3-5]
  BrokerFixture broker;
  const std::string characters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto taken = [&](const std::string& id) {
    Peer peer = broker.peer();
    peer.open(connect(id));
  };
  for (std::size_t size = 1; size <= 23; ++size) taken(characters.substr(0, size));
  taken(characters.substr(16, 23));
  taken(characters.substr(39, 23));
}

TEST_CASE("what follows a refused CONNECT is not looked at") {  // [MQTT-3.1.4-6]
  BrokerFixture broker(1, "max_qos 1");
  Peer witness = broker.peer();
  witness.open(connect("w"));
  witness.send(subscribe(1, "t", 0));
  witness.expect(suback(1, {0}));
  Peer peer = broker.peer();
  constexpr auto v5 = mqtt::ProtocolVersion::v5;
  Bytes bytes = mqtt::encoded(connect("a").v5().will("t", "will", 2), v5);
  for (const Bytes& more : {mqtt::encoded(connect("a").v5(), v5), mqtt::encoded(pingreq(), v5),
                            mqtt::encoded(publish("t", "too late"), v5)}) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  peer.send(mqtt::ByteView(bytes));
  peer.expect("20 05 00 9b 02 24 01");
  peer.expect_closed();
  witness.send(publish("t", "end"));
  witness.expect(publish("t", "end"));
}

TEST_CASE("a PINGREQ is answered") {  // [MQTT-3.12.4-1]
  const auto version =
      GENERATE(mqtt::ProtocolVersion::v31, mqtt::ProtocolVersion::v311, mqtt::ProtocolVersion::v5);
  BrokerFixture broker;
  Peer peer = broker.peer();
  peer.open(connect("a").version(version));
  peer.send("c0 00");
  peer.expect("d0 00");
}

TEST_CASE("what the configuration forbids is refused at CONNECT") {
  SECTION("no anonymous clients: 5, and 0x87") {  // [MQTT-3.1.4-2]
    BrokerFixture broker(1, "allow_anonymous false");
    Peer old = broker.peer();
    old.send(connect("a"));
    old.expect("20 02 0005");
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(connect("a").v5().user("u").password("p"));
    peer.expect("20 03 00 87 00");
    peer.expect_closed();
  }
  SECTION("no empty identifiers: 2, and 0x80") {  // [MQTT-3.1.3-8] [MQTT311-3.1.3-9]
    BrokerFixture broker(1, "allow_zero_length_clientid false");
    Peer old = broker.peer();
    old.send(connect(""));
    old.expect("20 02 0002");
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(connect("").v5());
    peer.expect("20 03 00 80 00");
    peer.expect_closed();
  }
  SECTION("a keep alive above the maximum: 2 for 3.x, another value for v5") {
    BrokerFixture broker(1, "max_keepalive 30");
    Peer old = broker.peer();
    old.send(connect("a").keepalive(31));
    old.expect("20 02 0002");
    old.expect_closed();
    Peer never = broker.peer();
    never.send(connect("a").keepalive(0));
    never.expect("20 02 0002");
    Peer peer = broker.peer();
    CHECK(peer.open(connect("b").v5().keepalive(31))
              ->properties.number(PropertyId::server_keep_alive) == 30U);
    Peer fits = broker.peer();
    CHECK_FALSE(fits.open(connect("c").v5().keepalive(30))
                    ->properties.contains(PropertyId::server_keep_alive));
  }
  SECTION("a Will above the listener's QoS") {  // [MQTT-3.2.2-12] [MQTT311-3.2.2-6]
    BrokerFixture broker(1, "max_qos 1");
    Peer old = broker.peer();
    old.send(connect("a").will("w", "x", 2));
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(connect("a").v5().will("w", "x", 2));
    peer.expect("20 05 00 9b 02 24 01");
    peer.expect_closed();
    Peer fits = broker.peer();
    const auto accepted = fits.open(connect("a").v5().will("w", "x", 1));
    CHECK(accepted->properties.number(PropertyId::maximum_qos) == 1U);  // [MQTT-3.2.2-9]
  }
  SECTION("a retained Will where nothing is retained") {  // [MQTT-3.2.2-13]
    BrokerFixture broker(1, "retain_available false");
    Peer old = broker.peer();
    old.send(connect("a").will("w", "x", 0, true));
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(connect("a").v5().will("w", "x", 0, true));
    peer.expect("20 03 00 9a 00");
    Peer plain = broker.peer();
    CHECK(plain.open(connect("a").v5())->properties.number(PropertyId::retain_available) == 0U);
  }
  SECTION("a Will that is too large") {
    BrokerFixture broker(1, "message_size_limit 4");
    Peer old = broker.peer();
    old.send(connect("a").will("w", "12345"));
    old.expect("20 02 0005");
    Peer peer = broker.peer();
    peer.send(connect("a").v5().will("w", "12345"));
    peer.expect("20 03 00 95 00");
  }
  SECTION("a Will for the broker's own ears") {
    BrokerFixture broker;
    Peer peer = broker.peer();
    peer.send(connect("a").v5().will("$CONTROL/x", "1"));
    peer.expect_closed();
  }
  SECTION("more sessions than are allowed") {
    BrokerFixture broker(2, "global_max_clients 1");
    Peer first = broker.peer();
    first.open(connect("first"));
    Peer old = broker.peer();
    old.send(connect("second"));
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(connect("second").v5());
    peer.expect("20 03 00 89 00");
    peer.expect_closed();
    Peer again = broker.peer();
    again.open(connect("first"));  // takes its own session over
  }
  SECTION("more connections than the listener takes") {
    BrokerFixture broker(2, "max_connections 1");
    Peer first = broker.peer();
    first.open(connect("first"));
    Peer second = broker.peer();
    second.expect_closed();
    first.send(disconnect());
    first.expect_closed();
  }
}

TEST_CASE("a client that never says CONNECT is let go of after 30 seconds") {
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer silent = broker.peer();
  Peer slow = broker.peer();
  slow.send("10 0d 0004 'MQTT'");
  Peer other = broker.peer();
  other.open(connect("other").keepalive(0));  // the sockets before it have been accepted by now
  other.expect_nothing();
  broker.advance(std::chrono::milliseconds(0));  // and have reached their workers
  broker.advance(std::chrono::milliseconds(31'000));
  silent.expect_closed();
  slow.expect_closed();
  other.expect_nothing();
}

TEST_CASE("a client that is silent for one and a half keep alives is let go of") {
  // [MQTT-3.1.2-22] [MQTT-3.2.2-22]
  const unsigned workers = GENERATE(1U, 4U);
  BrokerFixture broker(workers);
  Peer peer = broker.peer();
  peer.open(connect("a").v5().keepalive(10));
  Peer lasting = broker.peer();
  lasting.open(connect("b").keepalive(0));
  broker.advance(std::chrono::seconds(14));
  peer.expect_nothing();  // which is not silence
  broker.advance(std::chrono::seconds(14));
  peer.expect_nothing();
  broker.advance(std::chrono::milliseconds(15'100));
  peer.expect_closed();
  lasting.expect_nothing();
}

TEST_CASE("a client may send behind CONNECT without waiting, and goes on being heard") {
  // MQTT 5.0 section 3.1.4
  const unsigned workers = GENERATE(1U, 4U);
  const bool with_part_of_a_packet = GENERATE(false, true);
  BrokerFixture broker(workers);
  SocketClient client(broker.port());
  Bytes first = mqtt::encoded(connect("client"), mqtt::ProtocolVersion::v311);
  const Bytes ping = mqtt::encoded(pingreq(), mqtt::ProtocolVersion::v311);
  first.insert(first.end(), ping.begin(), ping.end());
  if (with_part_of_a_packet) first.push_back(ping.front());
  client.send(first);
  CHECK(client.receive().as<mqtt::Connack>() != nullptr);
  CHECK(client.receive().as<mqtt::Pingresp>() != nullptr);
  client.send(with_part_of_a_packet ? Bytes{ping.back()} : ping);
  CHECK(client.receive().as<mqtt::Pingresp>() != nullptr);
  client.send(disconnect());
  CHECK(client.drain_until_closed());
}

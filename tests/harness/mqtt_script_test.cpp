#include "support/mqtt_script.h"

#include <catch2/catch.hpp>

#include "support/shown_packets.h"

namespace test {
namespace {

/// Both ends of a conversation, held by one thread: what they say fits into the socket buffers.
struct Pair {
  Listener listener;
  Peer client{listener.port()};
  Peer server = listener.accept();
};

/// Both ends, past CONNECT and CONNACK.
struct OpenPair : Pair {
  explicit OpenPair(mqtt::ProtocolVersion version) {
    client.send(connect("a").version(version));
    server.receive<mqtt::Connect>();
    server.send(connack());
    client.receive<mqtt::Connack>();
  }
};

TEST_CASE("Bytes are written in hexadecimal, quoted text, and with the lengths of their parts") {
  CHECK(hex("10 0e0004 'MQTT' 04") == Bytes{0x10, 0x0E, 0, 4, 'M', 'Q', 'T', 'T', 4});
  CHECK(hex("30 [ ('a/b') 61*2 ]") == Bytes{0x30, 7, 0, 3, 'a', '/', 'b', 'a', 'a'});
  CHECK(hex("") == Bytes{});
  CHECK_THROWS(hex("1"));
  CHECK_THROWS(hex("1g"));
  CHECK_THROWS(hex("'MQ"));
  CHECK_THROWS(hex("[ 00"));
}

TEST_CASE("Builders make the packets that they describe") {
  Pair pair;
  SECTION("a CONNECT of 5.0 with everything") {
    pair.client.send(connect("id")
                         .v5()
                         .clean(false)
                         .keepalive(10)
                         .will("w", "gone", 1, true)
                         .will_with(mqtt::PropertyId::will_delay_interval, 5)
                         .user("u")
                         .password("p")
                         .with(mqtt::PropertyId::receive_maximum, 3));
    pair.server.expect(
        "10 27 0004 'MQTT' 05 ec 000a 03 21 0003 0002 'id' 05 18 00000005 0001 'w' 0004 'gone' "
        "0001 'u' 0001 'p'");
  }
  SECTION("a SUBSCRIBE with options") {
    pair.client.send(connect("a").v5());
    pair.client.send(
        subscribe(7, "a", 1).filter("b", 2).no_local().retain_as_published().retain_handling(2));
    pair.server.receive<mqtt::Connect>();
    pair.server.expect("82 0b 0007 00 0001 'a' 01 0001 'b' 2e");
  }
  SECTION("a PUBLISH") {
    pair.client.send(publish("a", "x").qos(2).id(258).dup().retain());
    pair.server.expect("3d 06 0001 'a' 0102 'x'");
  }
  SECTION("the rest") {
    pair.client.send(puback(1));
    pair.client.send(unsubscribe(2, "a"));
    pair.client.send(suback(3, {1, 0x80}));
    pair.client.send(disconnect());
    pair.server.expect("40 02 0001");
    pair.server.expect("a2 05 0002 0001 'a'");
    pair.server.expect("90 04 0003 0180");
    pair.server.expect("e0 00");
  }
}

TEST_CASE("A peer speaks the version of the CONNECT that it sent or received") {
  OpenPair pair(mqtt::ProtocolVersion::v5);
  CHECK(pair.client.version() == mqtt::ProtocolVersion::v5);
  CHECK(pair.server.version() == mqtt::ProtocolVersion::v5);
  pair.client.send(puback(1, 0x10));
  pair.server.expect("40 03 0001 10");
}

TEST_CASE("A peer that is accepted hands the CONNACK over") {
  Pair pair;
  pair.server.send("20 09 01 00 06 22 000a 21 0014");
  const auto connack = pair.client.open(connect("a").v5());
  CHECK(connack->session_present);
  CHECK(connack->properties.number(mqtt::PropertyId::topic_alias_maximum) == 10);
}

TEST_CASE("Packets are found in the stream however it is cut") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.client.send_bytewise(publish("a", "one"));
  pair.client.send("30 05 0001 'a' 'tw' c0 00");
  pair.server.expect(publish("a", "one"));
  pair.server.expect("30 05 0001 'a' 'tw' c0 00");
}

TEST_CASE("Packets may be expected in any order") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(publish("a"));
  pair.server.send(puback(1));
  pair.client.expect_in_any_order({puback(1), publish("a")});
}

TEST_CASE("Nothing is shown to have come by a PINGREQ and its answer") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(pingresp());
  pair.client.expect_nothing();
  pair.server.expect(pingreq());
}

TEST_CASE("The close is seen, whichever way it is done") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  SECTION("in order") {
    pair.server.close();
  }
  SECTION("by a reset") {
    pair.server.reset();
  }
  SECTION("of one direction") {
    pair.server.finish_sending();
  }
  pair.client.expect_closed();
}

// What must not pass: each of these is a test that fails.
TEST_CASE("Another packet than the expected one fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(publish("a", "x").qos(1).id(1));
  pair.client.expect(publish("a", "x").qos(1).id(2));
}

TEST_CASE("A longer packet than the expected one fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(publish("a", "xx"));
  pair.client.expect("30 04 0001 'a' 'x'");
}

TEST_CASE("A packet where none may come fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(publish("a"));
  pair.server.send(pingresp());
  pair.client.expect_nothing();
}

TEST_CASE("A packet before the close fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(disconnect());
  pair.server.close();
  pair.client.expect_closed();
}

TEST_CASE("The close in place of a packet fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.close();
  pair.client.expect(pingresp());
}

TEST_CASE("A packet of another type than the one to be received fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(pingresp());
  pair.client.receive<mqtt::Puback>();
}

TEST_CASE("A packet that no one of several expectations names fails", "[!shouldfail]") {
  OpenPair pair(mqtt::ProtocolVersion::v311);
  pair.server.send(puback(1));
  pair.server.send(puback(3));
  pair.client.expect_in_any_order({puback(1), puback(2)});
}

TEST_CASE("A refused CONNECT fails where an open connection is needed", "[!shouldfail]") {
  Pair pair;
  pair.server.send("20 02 00 05");
  pair.client.open(connect("a"));
}

TEST_CASE("Packets are shown as text") {
  CHECK(text_of(hex("c0 00 32 [ ('a/b') 0007 'hi' ] 40"), mqtt::ProtocolVersion::v311) ==
        "PINGREQ\nPUBLISH qos=1 topic='a/b' id=7 payload='hi'\n40 (not a whole packet)");
  CHECK(text_of({}, mqtt::ProtocolVersion::v311) == "nothing");
}

}  // namespace
}  // namespace test

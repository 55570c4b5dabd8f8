// The client's half of MQTT as conversations: what it writes, what the server replies, what it
// makes of that. A fake server, a fake clock, no I/O.
#include "mqtt/protocol/client_session.h"

#include <catch2/catch.hpp>
#include <string>

#include "libmqtt/client/session_conversation.h"
#include "support/allocation_count.h"

namespace {

using namespace test;
using mqtt::ConnectParameters;
using mqtt::PropertyId;
using mqtt::PropertyList;
using mqtt::ProtocolVersion;
using mqtt::QoS;
using mqtt::ReasonCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

ConnectParameters v5(bool clean = true) {
  ConnectParameters parameters;
  parameters.client_id = "a";
  parameters.clean_start = clean;
  return parameters;
}

ConnectParameters v311(bool clean = true) {
  ConnectParameters parameters = v5(clean);
  parameters.version = ProtocolVersion::v311;
  return parameters;
}

ConnectParameters with(ConnectParameters parameters, PropertyId id, std::uint32_t number) {
  parameters.properties.add(id, number);
  return parameters;
}

/// A v5 client whose session the server keeps.
ConnectParameters durable() {
  return with(v5(false), PropertyId::session_expiry_interval, 3600);
}

TEST_CASE("A client session says in CONNECT what its parameters say") {
  SECTION("the least of it, in all versions") {
    for (const auto version : {ProtocolVersion::v31, ProtocolVersion::v311, ProtocolVersion::v5}) {
      ConnectParameters parameters = v5();
      parameters.version = version;
      Conversation talk(parameters);
      talk.connect();
      talk.expect(connect("a").version(version));
      talk.expect_nothing();
      CHECK(talk.session.connecting());
      CHECK_FALSE(talk.session.connected());
    }
  }
  SECTION("all of it") {
    ConnectParameters parameters = with(v5(false), PropertyId::session_expiry_interval, 10);
    parameters.keep_alive_s = 7;
    parameters.user_name = "user";
    parameters.password = std::string("p\0w", 3);
    parameters.will = mqtt::WillParameters{"t/w", "gone", QoS::at_least_once, true, {}};
    parameters.will->properties.add(PropertyId::will_delay_interval, 3);
    Conversation talk(parameters);
    talk.connect();
    talk.expect(connect("a")
                    .v5()
                    .clean(false)
                    .keepalive(7)
                    .user("user")
                    .password(std::string("p\0w", 3))
                    .will("t/w", "gone", 1, true)
                    .will_with(PropertyId::will_delay_interval, 3)
                    .with(PropertyId::session_expiry_interval, 10));
    talk.expect_nothing();
  }
  SECTION("3.1.1 has no properties to say") {
    Conversation talk(with(v311(), PropertyId::session_expiry_interval, 10));
    talk.connect();
    talk.expect(connect("a").v311());
    talk.expect_nothing();
  }
}

TEST_CASE("A client session is connected by CONNACK") {
  SECTION("success") {
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.reply(connack());
    talk.see("connected");
    CHECK(talk.session.connected());
  }
  SECTION("a refusal ends the connection: nothing is read or written any more") {
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.reply(connack(0x87));
    talk.see("refused 0x87");
    CHECK_FALSE(talk.session.connected());
    talk.reply(mqtt::encoded(publish("t", "x"), ProtocolVersion::v5));
    talk.see_nothing();
    CHECK(talk.publish("t", "x", 0) == "not connected");
  }
  SECTION("a refusal of 3.x comes as a reason code") {
    Conversation talk(v311());
    talk.connect();
    talk.expect(connect("a").v311());
    talk.reply("20 02 00 05"_hex);
    talk.see("refused 0x87");
  }
  SECTION("a server that does not know version 5 says so in the form of 3.1.1") {
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.reply("20 02 00 01"_hex);
    talk.see("refused 0x84");
  }
  SECTION("a packet that arrives byte by byte counts when it is whole") {
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    const auto bytes = mqtt::encoded(connack(), ProtocolVersion::v5);
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      talk.reply(mqtt::ByteView(bytes).subspan(i, 1));
      talk.see_nothing();
    }
    talk.reply(mqtt::ByteView(bytes).last(1));
    talk.see("connected");
  }
  SECTION("a session after a clean start cannot be") {  // [MQTT-3.2.2-4]
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.reply(connack().session_present());
    talk.see("failed 0x82: session present after a clean start");
  }
  SECTION("nothing else may come first") {  // [MQTT-3.2.0-1]
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.reply(publish("t", "x"));
    talk.see("failed 0x82: a packet before CONNACK");
    talk.expect_nothing();
  }
  SECTION("a second one breaks the protocol") {  // [MQTT-3.2.0-2]
    Conversation talk(v5());
    talk.open();
    talk.reply(connack());
    talk.see("failed 0x82: a packet that a server must not send");
    talk.expect(disconnect(0x82));
    talk.expect_nothing();
  }
  SECTION("an identifier that the server assigned is used from then on") {
    ConnectParameters parameters = durable();
    parameters.client_id = "";
    Conversation talk(parameters);
    talk.open(connack().with(PropertyId::assigned_client_identifier, "s-1"));
    CHECK(talk.session.parameters().client_id == "s-1");
    talk.lose();
    talk.connect();
    talk.expect(connect("s-1").v5().clean(false).with(PropertyId::session_expiry_interval, 3600));
  }
}

TEST_CASE("A client session asks for a clean start once if its session outlives the connection") {
  SECTION("v5 with a Session Expiry Interval") {
    const auto parameters = with(v5(true), PropertyId::session_expiry_interval, 60);
    Conversation talk(parameters);
    talk.connect();
    talk.expect(connect("a").v5().with(PropertyId::session_expiry_interval, 60));
    talk.lose();  // before CONNACK: there is no session yet
    talk.connect();
    talk.expect(connect("a").v5().with(PropertyId::session_expiry_interval, 60));
    talk.reply(connack());
    talk.see("connected");
    talk.lose();
    talk.connect();
    talk.expect(connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 60));
  }
  SECTION("unless the server does not keep it") {
    Conversation talk(with(v5(true), PropertyId::session_expiry_interval, 60));
    talk.open(connack().with(PropertyId::session_expiry_interval, 0));
    talk.lose();
    talk.connect();
    talk.expect(connect("a").v5().with(PropertyId::session_expiry_interval, 60));
  }
  SECTION("3.1.1: each time") {
    Conversation talk(v311(true));
    talk.open();
    talk.lose();
    talk.connect();
    talk.expect(connect("a").v311());
  }
}

TEST_CASE("A client session publishes") {
  Conversation talk(v5());

  SECTION("not before it is connected") {
    CHECK(talk.publish("t", "x", 0) == "not connected");
    talk.connect();
    talk.expect(connect("a").v5());
    CHECK(talk.publish("t", "x", 1) == "not connected");
    talk.expect_nothing();
  }

  SECTION("QoS 0: written, and done") {  // [MQTT-4.3.1-1]
    talk.open();
    CHECK(talk.publish("t", "x", 0) == "id 0");
    talk.expect(publish("t", "x"));
    talk.expect_nothing();
    CHECK(talk.session.in_flight() == 0);
  }
  SECTION("QoS 1: done with PUBACK, whatever it says") {  // [MQTT-4.3.2-2]
    talk.open();
    CHECK(talk.publish("t", "x", 1) == "id 1");
    CHECK(talk.publish("t", "y", 1) == "id 2");
    talk.expect(publish("t", "x").qos(1).id(1));
    talk.expect(publish("t", "y").qos(1).id(2));
    CHECK(talk.session.in_flight() == 2);
    talk.reply(puback(1, 0x10));
    talk.see("published 1 0x10");
    talk.reply(puback(2, 0x97));
    talk.see("published 2 0x97");
    CHECK(talk.session.in_flight() == 0);
  }
  SECTION("QoS 2: PUBREC, PUBREL, PUBCOMP") {  // [MQTT-4.3.3-2]
    talk.open();
    CHECK(talk.publish("t", "x", 2) == "id 1");
    talk.expect(publish("t", "x").qos(2).id(1));
    talk.reply(pubrec(1));
    talk.expect(pubrel(1));
    talk.see_nothing();
    talk.reply(pubcomp(1));
    talk.see("published 1");
  }
  SECTION("QoS 2: PUBRELs leave in the order of the PUBRECs") {  // [MQTT-4.6.0-4]
    talk.open();
    CHECK(talk.publish("t", "x", 2) == "id 1");
    CHECK(talk.publish("t", "y", 2) == "id 2");
    talk.expect(publish("t", "x").qos(2).id(1));
    talk.expect(publish("t", "y").qos(2).id(2));
    auto both = mqtt::encoded(pubrec(2), ProtocolVersion::v5);
    const auto second = mqtt::encoded(pubrec(1), ProtocolVersion::v5);
    both.insert(both.end(), second.begin(), second.end());
    talk.reply(both);
    talk.expect(pubrel(2));
    talk.expect(pubrel(1));
  }
  SECTION("QoS 2 that the server refuses is done with PUBREC") {
    talk.open();
    CHECK(talk.publish("t", "x", 2) == "id 1");
    talk.expect(publish("t", "x").qos(2).id(1));
    talk.reply(pubrec(1, 0x87));
    talk.see("published 1 0x87");
    talk.expect_nothing();
  }
  SECTION("with its properties and the retain flag") {
    talk.open();
    const PropertyList properties{{PropertyId::message_expiry_interval, 60, {}, {}}};
    CHECK(talk.publish("t", "x", 0, properties, true) == "id 0");
    talk.expect(publish("t", "x").retain().with(PropertyId::message_expiry_interval, 60));
  }
  SECTION("acknowledgements for nothing are ignored, of the wrong kind they are fatal") {
    talk.open();
    talk.reply(puback(5));
    talk.reply(pubcomp(5, 0x92));
    talk.expect_nothing();
    talk.reply(pubrec(5));
    talk.expect(pubrel(5, 0x92));
    talk.reply(pubrec(5, 0x80));
    talk.expect_nothing();
    CHECK(talk.publish("t", "x", 1) == "id 1");
    talk.expect(publish("t", "x").qos(1).id(1));
    talk.reply(pubrec(1));
    talk.see("failed 0x82: acknowledgement of the wrong kind");
    talk.expect(disconnect(0x82));
  }
  SECTION("3.1.1: without properties, and unknown identifiers still get their PUBREL") {
    Conversation old(v311());
    old.open();
    const PropertyList properties{{PropertyId::message_expiry_interval, 60, {}, {}}};
    CHECK(old.publish("t", "x", 0, properties) == "id 0");
    old.expect(publish("t", "x"));
    old.reply(pubrec(5));
    old.expect(pubrel(5));
  }
}

TEST_CASE("A client session keeps to what the server allows") {
  Conversation talk(v5());

  SECTION("an invalid topic") {
    talk.open();
    CHECK(talk.publish("", "x", 0) == "invalid topic");
    CHECK(talk.publish("a/+", "x", 0) == "invalid topic");
    CHECK(talk.publish("a/#", "x", 1) == "invalid topic");
    CHECK(talk.publish("\xff", "x", 1) == "invalid topic");
    talk.expect_nothing();
  }
  SECTION("Maximum QoS") {  // [MQTT-3.2.2-11]
    talk.open(connack().with(PropertyId::maximum_qos, 1));
    CHECK(talk.publish("t", "x", 2) == "the server does not support this QoS");
    CHECK(talk.publish("t", "x", 1) == "id 1");
  }
  SECTION("Retain Available") {  // [MQTT-3.2.2-14]
    talk.open(connack().with(PropertyId::retain_available, 0));
    CHECK(talk.publish("t", "x", 0, {}, true) == "the server does not support retained messages");
    CHECK(talk.publish("t", "x", 0) == "id 0");
  }
  SECTION("Maximum Packet Size, to the byte") {  // [MQTT-3.2.2-15]
    talk.open(connack().with(PropertyId::maximum_packet_size, 20));
    // PUBLISH, QoS 0: 2 bytes of fixed header, 2 + 1 of topic, 1 of properties, then the payload.
    CHECK(talk.publish("t", repeated(15), 0) == "packet too large");
    CHECK(talk.publish("t", repeated(14), 0) == "id 0");
    CHECK(talk.publish("t", repeated(13), 1) == "packet too large");
    CHECK(talk.publish("t", repeated(12), 1) == "id 1");
    CHECK(talk.subscribe({repeated(20)}) == "packet too large");
  }
  SECTION("Receive Maximum") {  // [MQTT-3.3.4-7]
    talk.open(connack().with(PropertyId::receive_maximum, 2));
    CHECK(talk.publish("t", "a", 1) == "id 1");
    CHECK(talk.publish("t", "b", 2) == "id 2");
    CHECK_FALSE(talk.session.has_room());
    CHECK(talk.publish("t", "c", 1) == "too many messages in flight");
    CHECK(talk.publish("t", "d", 0) == "id 0");  // QoS 0 is not counted
    talk.expect(publish("t", "a").qos(1).id(1));
    talk.expect(publish("t", "b").qos(2).id(2));
    talk.expect(publish("t", "d"));
    talk.reply(puback(1));
    talk.see("published 1");
    CHECK(talk.publish("t", "c", 1) == "id 3");
  }
  SECTION("its own window, where that is smaller") {
    ConnectParameters parameters = v5();
    parameters.send_window = 1;
    Conversation narrow(parameters);
    narrow.open(connack().with(PropertyId::receive_maximum, 2));
    CHECK(narrow.publish("t", "a", 1) == "id 1");
    CHECK(narrow.publish("t", "b", 1) == "too many messages in flight");
  }
  SECTION("what may be subscribed to") {
    talk.open(connack()
                  .with(PropertyId::wildcard_subscription_available, 0)
                  .with(PropertyId::shared_subscription_available, 0)
                  .with(PropertyId::subscription_identifier_available, 0));
    CHECK(talk.subscribe({"a/#"}) == "the server does not support wildcard subscriptions");
    CHECK(talk.subscribe({"$share/g/a"}) == "the server does not support shared subscriptions");
    const PropertyList with_identifier{{PropertyId::subscription_identifier, 7, {}, {}}};
    CHECK(talk.subscribe({"a"}, with_identifier) ==
          "the server does not support subscription identifiers");
    CHECK(talk.subscribe({"a"}) == "id 1");
  }
  SECTION("limits end with the connection") {
    talk.open(connack().with(PropertyId::maximum_qos, 0).with(PropertyId::receive_maximum, 1));
    talk.lose();
    talk.open();
    CHECK(talk.publish("t", "a", 2) == "id 1");
    CHECK(talk.publish("t", "b", 2) == "id 2");
  }
}

TEST_CASE("A client session subscribes and unsubscribes") {
  SECTION("one reason per filter") {
    Conversation talk(v5());
    talk.open();
    CHECK(talk.subscribe({"a/#", "b"}) == "id 1");
    talk.expect(subscribe(1, "a/#", 1).filter("b", 1));
    talk.reply(suback(1, {1, 0x87}));
    talk.see("subscribed 1: 0x01 0x87");
    CHECK(talk.unsubscribe({"b", "c"}) == "id 2");
    talk.expect(unsubscribe(2, "b").filter("c"));
    talk.reply(unsuback(2, {0, 0x11}));
    talk.see("unsubscribed 2: 0x00 0x11");
  }
  SECTION("3.1.1 knows one answer to UNSUBSCRIBE: all went well") {
    Conversation talk(v311());
    talk.open();
    CHECK(talk.unsubscribe({"b", "c"}) == "id 1");
    talk.expect(unsubscribe(1, "b").filter("c"));
    talk.reply(unsuback(1));
    talk.see("unsubscribed 1: 0x00 0x00");
  }
  SECTION("identifiers are those of messages too, and come back") {
    Conversation talk(v5());
    talk.open();
    CHECK(talk.publish("t", "x", 1) == "id 1");
    CHECK(talk.subscribe({"a"}) == "id 2");
    CHECK(talk.publish("t", "x", 1) == "id 3");
    talk.expect(publish("t", "x").qos(1).id(1));
    talk.expect(subscribe(2, "a", 1));
    talk.expect(publish("t", "x").qos(1).id(3));
    talk.reply(puback(2));
    talk.see("failed 0x82: acknowledgement of the wrong kind");
  }
  SECTION("nothing invalid, and not nothing") {
    Conversation talk(v5());
    talk.open();
    CHECK(talk.subscribe({}) == "nothing to send");
    CHECK(talk.unsubscribe({}) == "nothing to send");
    CHECK(talk.subscribe({"a", "a/#/b"}) == "invalid topic");
    CHECK(talk.unsubscribe({"a+"}) == "invalid topic");
    mqtt::ClientSession::Bytes out;
    const mqtt::SubscriptionRequest shared_and_no_local{
        "$share/g/a", mqtt::SubscriptionOptions{QoS::at_most_once, true}};
    CHECK(talk.session.subscribe({&shared_and_no_local, 1}, {}, talk.now, out).error() ==
          mqtt::SendError::topic_invalid);
    CHECK(out.empty());
    talk.expect_nothing();
  }
  SECTION("an answer to another question is ignored, one of the wrong length is fatal") {
    Conversation talk(v5());
    talk.open();
    CHECK(talk.subscribe({"a", "b"}) == "id 1");
    talk.expect(subscribe(1, "a", 1).filter("b", 1));
    talk.reply(suback(2, {0}));
    talk.reply(unsuback(1, {0, 0}));
    talk.see_nothing();
    talk.reply(suback(1, {0}));
    talk.see("failed 0x82: SUBACK for another number of filters");
  }
  SECTION("a question that the connection did not outlive is forgotten") {
    Conversation talk(durable());
    talk.open();
    CHECK(talk.subscribe({"a"}) == "id 1");
    talk.expect(subscribe(1, "a", 1));
    talk.lose();
    talk.open(connack().session_present());
    talk.reply(suback(1, {0}));
    talk.see_nothing();
  }
}

TEST_CASE("A client session receives messages") {
  SECTION("QoS 0 and 1, acknowledged at once") {  // [MQTT-3.3.4-1] [MQTT-4.5.0-2]
    Conversation talk(v5());
    talk.open();
    talk.reply(publish("t", "a"));
    talk.see("message 't' 'a' QoS 0");
    talk.expect_nothing();
    talk.reply(publish("t", "b").qos(1).id(7).retain());
    talk.see("message 't' 'b' QoS 1 retain number 1");
    talk.expect(puback(7));
  }
  SECTION("QoS 2, once") {  // [MQTT-4.3.3-10] [MQTT-4.3.3-11]
    Conversation talk(v5());
    talk.open();
    talk.reply(publish("t", "a").qos(2).id(7));
    talk.see("message 't' 'a' QoS 2 number 1");
    talk.expect(pubrec(7));
    talk.reply(publish("t", "a").qos(2).id(7).dup());
    talk.see_nothing();
    talk.expect(pubrec(7));
    talk.reply(pubrel(7));
    talk.expect(pubcomp(7));
    talk.reply(pubrel(7));
    talk.expect(pubcomp(7, 0x92));
    talk.reply(publish("t", "b").qos(2).id(7));
    talk.see("message 't' 'b' QoS 2 number 2");
    talk.expect(pubrec(7));
  }
  SECTION("several in one read, in order") {
    Conversation talk(v311());
    talk.open();
    auto bytes = mqtt::encoded(publish("t", "a"), ProtocolVersion::v311);
    const auto second = mqtt::encoded(publish("t", "b").qos(1).id(1), ProtocolVersion::v311);
    bytes.insert(bytes.end(), second.begin(), second.end());
    talk.reply(bytes);
    talk.see("message 't' 'a' QoS 0");
    talk.see("message 't' 'b' QoS 1 number 1");
    talk.expect(puback(1));
  }
  SECTION("no more than Receive Maximum unacknowledged") {
    auto parameters = with(v5(), PropertyId::receive_maximum, 1);
    Conversation talk(parameters);
    talk.open();
    talk.reply(publish("t", "a").qos(2).id(1));
    talk.see("message 't' 'a' QoS 2 number 1");
    talk.expect(pubrec(1));
    talk.reply(publish("t", "b").qos(1).id(2));
    talk.see("failed 0x93: more messages than Receive Maximum");
    talk.expect(disconnect(0x93));
  }
  SECTION("no larger than Maximum Packet Size, or than its own limit") {
    Conversation announced(with(v5(), PropertyId::maximum_packet_size, 10));
    announced.open();
    announced.reply(publish("t", "1234"));
    announced.see("message 't' '1234' QoS 0");
    announced.reply(publish("t", "12345"));
    announced.see("failed 0x95: packet is too large");
    announced.expect(disconnect(0x95));

    ConnectParameters parameters = v311();
    parameters.packet_size_limit = 10;
    Conversation own(parameters);
    own.open();
    own.reply(publish("t", "123456"));
    own.see("failed 0x95: packet is too large");
    own.expect_nothing();  // 3.1.1 has no words for it
  }
  SECTION("what is malformed ends the connection, with the reason") {
    Conversation talk(v5());
    talk.open();
    talk.reply("36 00"_hex);
    talk.see("failed 0x81: QoS is 3");
    talk.expect(disconnect(0x81));
    talk.reply(publish("t", "a"));
    talk.see_nothing();
    CHECK_FALSE(talk.session.connected());
  }
  SECTION("packets that only clients send, and DISCONNECT in 3.1.1, are no server's") {
    const auto v4 = ProtocolVersion::v311;
    for (const Bytes& packet :
         {mqtt::encoded(pingreq(), v4), mqtt::encoded(subscribe(1, "a"), v4),
          mqtt::encoded(unsubscribe(1, "a"), v4), mqtt::encoded(disconnect(), v4)}) {
      Conversation talk(v311());
      talk.open();
      talk.reply(mqtt::ByteView(packet));
      talk.see("failed 0x82: a packet that a server must not send");
      talk.expect_nothing();
    }
  }
}

TEST_CASE("A client session lets its owner acknowledge") {
  auto parameters = durable();
  parameters.acknowledge_by = mqtt::AcknowledgeBy::owner;
  Conversation talk(parameters);
  talk.open();
  talk.reply(publish("t", "a").qos(1).id(1));
  talk.see("message 't' 'a' QoS 1 number 1");
  talk.reply(publish("t", "b").qos(2).id(2));
  talk.see("message 't' 'b' QoS 2 number 2");
  talk.expect_nothing();

  SECTION("in any order: acknowledgements leave in the order of arrival") {
    // [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    talk.acknowledge(2);
    talk.expect_nothing();
    talk.acknowledge(1);
    talk.expect(puback(1));
    talk.expect(pubrec(2));
  }
  SECTION("with a refusal") {
    talk.acknowledge(1, ReasonCode::payload_format_invalid);
    talk.acknowledge(2, ReasonCode::quota_exceeded);
    talk.expect(puback(1, 0x99));
    talk.expect(pubrec(2, 0x97));
    talk.reply(publish("t", "c").qos(2).id(2));
    talk.see("message 't' 'c' QoS 2 number 3");
  }
  SECTION("after a reconnect: QoS 2 is not received twice") {
    talk.lose();
    talk.open(connack().session_present());
    talk.reply(publish("t", "a").qos(1).id(1).dup());
    talk.see("message 't' 'a' QoS 1 number 3");
    talk.reply(publish("t", "b").qos(2).id(2).dup());
    talk.see_nothing();
    talk.acknowledge(1);  // a message of the old connection
    talk.acknowledge(2);
    talk.expect_nothing();
    talk.acknowledge(3);
    talk.expect(puback(1));
    talk.expect(pubrec(2));
  }
  SECTION("while there is no connection: nothing is written") {
    talk.lose();
    talk.acknowledge(2);
    talk.expect_nothing();
    talk.open(connack().session_present());
    talk.reply(publish("t", "b").qos(2).id(2).dup());
    talk.see_nothing();
    talk.expect(pubrec(2));
  }
}

TEST_CASE("A client session resumes") {
  Conversation talk(durable());
  talk.open();
  CHECK(talk.publish("t", "a", 1) == "id 1");
  CHECK(talk.publish("t", "b", 2) == "id 2");
  CHECK(talk.publish("t", "c", 2) == "id 3");
  talk.expect(publish("t", "a").qos(1).id(1));
  talk.expect(publish("t", "b").qos(2).id(2));
  talk.expect(publish("t", "c").qos(2).id(3));
  talk.reply(pubrec(3));
  talk.expect(pubrel(3));
  talk.reply(publish("in", "x").qos(2).id(9));
  talk.see("message 'in' 'x' QoS 2 number 1");
  talk.expect(pubrec(9));
  talk.lose();
  CHECK(talk.session.in_flight() == 3);
  talk.connect();
  talk.expect(connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 3600));

  SECTION("a session that the server has: sends again, in order, as duplicates") {
    // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
    talk.reply(connack().session_present());
    talk.see("connected, session present");
    talk.expect(pubrel(3));
    talk.expect(publish("t", "a").qos(1).id(1).dup());
    talk.expect(publish("t", "b").qos(2).id(2).dup());
    talk.expect_nothing();
    CHECK(talk.publish("t", "d", 1) == "id 4");
    talk.expect(publish("t", "d").qos(1).id(4));
    talk.reply(puback(1));
    talk.see("published 1");
    talk.reply(pubcomp(3));
    talk.see("published 3");
    talk.reply(publish("in", "x").qos(2).id(9).dup());
    talk.see_nothing();
    talk.expect(pubrec(9));
  }
  SECTION(
      "a smaller Receive Maximum: as far as that allows, then one by one, before anything new") {
    talk.reply(connack().session_present().with(PropertyId::receive_maximum, 2));
    talk.see("connected, session present");
    talk.expect(pubrel(3));
    talk.expect(publish("t", "a").qos(1).id(1).dup());
    talk.expect_nothing();
    CHECK(talk.publish("t", "d", 1) == "too many messages in flight");
    talk.reply(puback(1));
    talk.see("published 1");
    talk.expect(publish("t", "b").qos(2).id(2).dup());
  }
  SECTION("a session that the server lost: everything in flight is reported, oldest first") {
    // [MQTT-3.2.2-5]
    talk.reply(connack());
    talk.see("connected");
    talk.see("lost 1: the server lost the session");
    talk.see("lost 2: the server lost the session");
    talk.see("lost 3: the server lost the session");
    talk.see_nothing();
    talk.expect_nothing();
    CHECK(talk.session.in_flight() == 0);
    CHECK(talk.publish("t", "d", 1) == "id 4");
    talk.expect(publish("t", "d").qos(1).id(4));
    talk.reply(publish("in", "y").qos(2).id(9));  // not the message that was held
    talk.see("message 'in' 'y' QoS 2 number 2");
    talk.expect(pubrec(9));
  }
  SECTION("lost, and told to send again: as new messages, but for those beyond PUBREC") {
    talk.session.parameters().on_session_lost = mqtt::OnSessionLost::send_again;
    talk.reply(connack());
    talk.see("connected");
    talk.see("lost 3: the server lost the session");
    talk.see_nothing();
    talk.expect(publish("t", "a").qos(1).id(1));
    talk.expect(publish("t", "b").qos(2).id(2));
    talk.expect_nothing();
  }
  SECTION("a server that allows less now: what it would not take is reported") {
    talk.reply(connack().session_present().with(PropertyId::maximum_qos, 1));
    talk.see("connected, session present");
    talk.see("lost 2: the server does not support this QoS");
    talk.see_nothing();
    talk.expect(pubrel(3));
    talk.expect(publish("t", "a").qos(1).id(1).dup());
    talk.expect_nothing();
  }
  SECTION("a second loss before CONNACK changes nothing") {
    talk.lose();
    talk.connect();
    talk.expect(connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 3600));
    talk.reply(connack().session_present());
    talk.see("connected, session present");
    talk.expect(pubrel(3));
    talk.expect(publish("t", "a").qos(1).id(1).dup());
    talk.expect(publish("t", "b").qos(2).id(2).dup());
  }
}

TEST_CASE("A session of MQTT 3.1 is taken to be there, as CONNACK does not say") {
  ConnectParameters parameters = v311(false);
  parameters.version = ProtocolVersion::v31;
  Conversation talk(parameters);
  talk.open();
  CHECK(talk.publish("t", "a", 1) == "id 1");
  talk.expect(publish("t", "a").qos(1).id(1));
  talk.lose();
  talk.connect();
  talk.expect(connect("a").v31().clean(false));
  talk.reply(connack());
  talk.see("connected");
  talk.expect(publish("t", "a").qos(1).id(1).dup());
}

TEST_CASE("A client session understands topic aliases") {
  SECTION("that the server defines, up to what it was allowed") {
    Conversation talk(with(v5(), PropertyId::topic_alias_maximum, 2));
    talk.open();
    talk.reply(publish("long/topic", "a").with(PropertyId::topic_alias, 2));
    talk.see("message 'long/topic' 'a' QoS 0");
    talk.reply(publish("", "b").with(PropertyId::topic_alias, 2));
    talk.see("message 'long/topic' 'b' QoS 0");
    talk.reply(publish("other", "c").with(PropertyId::topic_alias, 2));
    talk.see("message 'other' 'c' QoS 0");
    talk.reply(publish("", "d").with(PropertyId::topic_alias, 2));
    talk.see("message 'other' 'd' QoS 0");
    talk.reply(publish("t", "e").with(PropertyId::topic_alias, 3));
    talk.see("failed 0x94: topic alias out of range");
    talk.expect(disconnect(0x94));
  }
  SECTION("but not one that was never defined") {
    Conversation talk(with(v5(), PropertyId::topic_alias_maximum, 2));
    talk.open();
    talk.reply(publish("", "b").with(PropertyId::topic_alias, 2));
    talk.see("failed 0x82: topic alias without a topic");
    talk.expect(disconnect(0x82));
  }
  SECTION("nor any, unless it announced that it would") {
    Conversation talk(v5());
    talk.open();
    talk.reply(publish("t", "a").with(PropertyId::topic_alias, 1));
    talk.see("failed 0x94: topic alias out of range");
    talk.expect(disconnect(0x94));
  }
  SECTION("and they end with the connection") {
    Conversation talk(with(durable(), PropertyId::topic_alias_maximum, 2));
    talk.open();
    talk.reply(publish("t", "a").with(PropertyId::topic_alias, 1));
    talk.see("message 't' 'a' QoS 0");
    talk.lose();
    talk.open(connack().session_present());
    talk.reply(publish("", "b").with(PropertyId::topic_alias, 1));
    talk.see("failed 0x82: topic alias without a topic");
    talk.expect(disconnect(0x82));
  }
}

TEST_CASE("A client session shortens topics by aliases of its own") {
  ConnectParameters parameters = durable();
  parameters.automatic_topic_aliases = 10;
  Conversation talk(parameters);

  SECTION("as many as the server allows") {
    talk.open(connack().session_present().with(PropertyId::topic_alias_maximum, 1));
    talk.publish("one", "a", 0);
    talk.publish("one", "b", 0);
    talk.publish("two", "c", 0);
    talk.expect(publish("one", "a").with(PropertyId::topic_alias, 1));
    talk.expect(publish("", "b").with(PropertyId::topic_alias, 1));
    talk.expect(publish("two", "c"));
    talk.expect_nothing();
  }
  SECTION("none, if it allows none") {
    talk.open(connack().session_present());
    talk.publish("one", "a", 0);
    talk.expect(publish("one", "a"));
  }
  SECTION("but sends again with the topic in full") {
    talk.open(connack().session_present().with(PropertyId::topic_alias_maximum, 5));
    talk.publish("one", "a", 1);
    talk.publish("one", "b", 1);
    talk.expect(publish("one", "a").qos(1).id(1).with(PropertyId::topic_alias, 1));
    talk.expect(publish("", "b").qos(1).id(2).with(PropertyId::topic_alias, 1));
    talk.lose();
    talk.open(connack().session_present());
    // `open` looks away from what is written with CONNECT; the rest is the resend.
    talk.expect(publish("one", "a").qos(1).id(1).dup());
    talk.expect(publish("one", "b").qos(1).id(2).dup());
    talk.expect_nothing();
  }
  SECTION("not where the packet would grow beyond the server's limit") {
    talk.open(connack()
                  .session_present()
                  .with(PropertyId::topic_alias_maximum, 5)
                  .with(PropertyId::maximum_packet_size, 12));
    CHECK(talk.publish("one", "1234", 0) == "id 0");
    talk.expect(publish("one", "1234"));
  }
}

TEST_CASE("A client session sends aliases that were set by hand") {
  Conversation talk(durable());
  talk.open(connack().session_present().with(PropertyId::topic_alias_maximum, 3));
  const PropertyList alias_3{{PropertyId::topic_alias, 3, {}, {}}};

  SECTION("as they are, and in full after a reconnect") {
    CHECK(talk.publish("long", "a", 1, alias_3) == "id 1");
    CHECK(talk.publish("", "b", 1, alias_3) == "id 2");
    talk.expect(publish("long", "a").qos(1).id(1).with(PropertyId::topic_alias, 3));
    talk.expect(publish("", "b").qos(1).id(2).with(PropertyId::topic_alias, 3));
    talk.lose();
    talk.open(connack().session_present().with(PropertyId::topic_alias_maximum, 3));
    talk.expect(publish("long", "a").qos(1).id(1).dup());
    talk.expect(publish("long", "b").qos(1).id(2).dup());
    CHECK(talk.publish("", "c", 0, alias_3) == "invalid topic alias");  // a new connection
  }
  SECTION("within what the server allows, and defined") {
    const PropertyList alias_4{{PropertyId::topic_alias, 4, {}, {}}};
    CHECK(talk.publish("long", "a", 0, alias_4) == "invalid topic alias");
    CHECK(talk.publish("", "a", 0, alias_3) == "invalid topic alias");
    talk.expect_nothing();
  }
}

TEST_CASE("A client session keeps the connection alive") {
  ConnectParameters parameters = v5();
  parameters.keep_alive_s = 10;
  Conversation talk(parameters);

  SECTION("with PINGREQ after an interval of silence") {
    CHECK_FALSE(talk.session.next_deadline());
    talk.open();
    CHECK(talk.session.next_deadline() == talk.now + seconds(10));
    talk.advance(milliseconds(9999));
    talk.tick();
    talk.expect_nothing();
    talk.advance(milliseconds(1));
    talk.tick();
    talk.expect(pingreq());
    talk.reply(pingresp());
    talk.see_nothing();
    CHECK(talk.session.next_deadline() == talk.now + seconds(10));
  }
  SECTION("also when only the server is silent, which may be gone") {
    talk.open();
    talk.advance(seconds(9));
    talk.publish("t", "x", 0);
    talk.expect(publish("t", "x"));
    talk.advance(seconds(1));
    talk.tick();
    talk.expect(pingreq());
  }
  SECTION("and not while both speak") {
    talk.open();
    for (int i = 0; i < 5; ++i) {
      talk.advance(seconds(9));
      talk.publish("t", "x", 0);
      talk.expect(publish("t", "x"));
      talk.reply(publish("t", "y"));
      talk.see("message 't' 'y' QoS 0");
      talk.tick();
      talk.expect_nothing();
    }
  }
  SECTION("and gives it up when nothing answers for another interval") {
    talk.open();
    talk.advance(seconds(10));
    talk.tick();
    talk.expect(pingreq());
    CHECK(talk.session.next_deadline() == talk.now + seconds(10));
    talk.advance(milliseconds(9999));
    talk.tick();
    talk.see_nothing();
    talk.advance(milliseconds(1));
    talk.tick();
    talk.see("failed 0x8d: no answer to PINGREQ");
    CHECK_FALSE(talk.session.next_deadline());
  }
  SECTION("but waits while anything at all arrives, and goes on pinging") {
    talk.open();
    talk.advance(seconds(10));
    talk.tick();
    talk.expect(pingreq());
    talk.advance(seconds(9));
    talk.reply("30"_hex);  // a large message on its way
    talk.advance(seconds(1));
    talk.tick();
    talk.see_nothing();
    talk.expect(pingreq());
    talk.advance(seconds(9));
    talk.tick();
    talk.see("failed 0x8d: no answer to PINGREQ");
  }
  SECTION("at the server's interval, if it names one") {  // [MQTT-3.1.2-21] [MQTT-3.2.2-21]
    talk.open(connack().with(PropertyId::server_keep_alive, 3));
    CHECK(talk.session.next_deadline() == talk.now + seconds(3));
    CHECK(talk.session.server_limits().keep_alive_s == 3);
    talk.lose();
    talk.open(connack().with(PropertyId::server_keep_alive, 0));
    CHECK_FALSE(talk.session.next_deadline());
  }
  SECTION("and asks when it is told to, whose answer is awaited like every other") {
    talk.ping();
    talk.expect_nothing();  // not before CONNACK
    talk.open();
    talk.ping();
    talk.expect(pingreq());
    talk.reply(pingresp());
    talk.see_nothing();
    talk.ping();
    talk.expect(pingreq());
    talk.advance(seconds(10));
    talk.tick();
    talk.see("failed 0x8d: no answer to PINGREQ");
  }
  SECTION("unless it is switched off") {
    parameters.keep_alive_s = 0;
    Conversation silent(parameters);
    silent.open();
    CHECK_FALSE(silent.session.next_deadline());
    silent.advance(seconds(100'000));
    silent.tick();
    silent.expect_nothing();
  }
}

TEST_CASE("A client session authenticates in steps") {
  ConnectParameters parameters = v5();
  parameters.properties.add(PropertyId::authentication_method, "M");
  parameters.properties.add(PropertyId::authentication_data, "hello");
  Conversation talk(parameters);
  const auto challenge = [](int reason, const char* data) {
    return auth(reason)
        .with(PropertyId::authentication_method, "M")
        .with(PropertyId::authentication_data, data);
  };
  const auto accepted = connack().with(PropertyId::authentication_method, "M");
  talk.connect();
  talk.expect(connect("a")
                  .v5()
                  .with(PropertyId::authentication_method, "M")
                  .with(PropertyId::authentication_data, "hello"));

  SECTION("answers challenges until CONNACK") {  // [MQTT-4.12.0-3]
    talk.reply(challenge(0x18, "1?"));
    talk.see("auth 0x18 '1?'");
    CHECK(talk.authenticate("1!").empty());
    talk.expect(challenge(0x18, "1!"));
    talk.reply(accepted);
    talk.see("connected");
  }
  SECTION("again, while connected") {  // [MQTT-4.12.1-1]
    CHECK(talk.reauthenticate("too early") == "not connected");
    talk.reply(accepted);
    talk.see("connected");
    CHECK(talk.reauthenticate("again").empty());
    talk.expect(challenge(0x19, "again"));
    talk.reply(challenge(0x18, "2?"));
    talk.see("auth 0x18 '2?'");
    CHECK(talk.authenticate("2!").empty());
    talk.expect(challenge(0x18, "2!"));
    talk.reply(challenge(0, "done"));
    talk.see("auth 0x00 'done'");
  }
  SECTION("by one method only") {  // [MQTT-4.12.0-5]
    talk.reply(auth(0x18).with(PropertyId::authentication_method, "N"));
    talk.see("failed 0x82: AUTH with another method");
  }
  SECTION("and CONNACK must name it") {
    talk.reply(connack());
    talk.see("failed 0x82: another authentication method");
  }
  SECTION("with nothing that the server finds too large") {  // [MQTT-3.15.2-2] [MQTT-3.15.2-3]
    talk.reply(connack()
                   .with(PropertyId::authentication_method, "M")
                   .with(PropertyId::maximum_packet_size, 18));
    talk.see("connected");
    const auto again = [&](const PropertyList& more) {
      mqtt::ClientSession::Bytes out;
      const auto sent = talk.session.reauthenticate({}, more, talk.now, out);
      if (!sent) CHECK(out.empty());
      return sent ? std::string(out.size(), '.') : std::string(mqtt::text(sent.error()));
    };
    // 2 bytes of fixed header, the reason, 1 of properties, 4 of the method; then 3 or 5 and the
    // text.
    CHECK(again({{PropertyId::reason_string, 0, "because", {}}}) == std::string(18, '.'));
    CHECK(again({{PropertyId::reason_string, 0, "because!", {}}}) == "packet too large");
    CHECK(again({{PropertyId::user_property, 0, "key", "v."}}) == std::string(18, '.'));
    CHECK(again({{PropertyId::user_property, 0, "key", "val"}}) == "packet too large");
  }
  SECTION("not without a method") {  // [MQTT-4.12.0-7]
    Conversation plain(v5());
    plain.connect();
    plain.expect(connect("a").v5());
    CHECK(plain.authenticate("x") == "nothing to send");
    plain.reply(auth(0x18).with(PropertyId::authentication_method, "M"));
    plain.see("failed 0x82: AUTH with another method");
  }
}

TEST_CASE("A client session ends") {
  SECTION("with DISCONNECT, and is silent after it") {  // [MQTT-3.14.4-1]
    Conversation talk(v5());
    talk.open();
    talk.disconnect(ReasonCode::disconnect_with_will_message);
    talk.expect(disconnect(4));
    CHECK(talk.publish("t", "x", 0) == "not connected");
    talk.disconnect(ReasonCode::normal_disconnection);
    talk.expect_nothing();
    talk.reply(mqtt::encoded(publish("t", "x"), ProtocolVersion::v5));
    talk.see_nothing();
  }
  SECTION("3.1.1: without a reason") {
    Conversation talk(v311());
    talk.open();
    talk.disconnect(ReasonCode::disconnect_with_will_message);
    talk.expect(disconnect());
  }
  SECTION("without a word, if it never was connected") {
    Conversation talk(v5());
    talk.connect();
    talk.expect(connect("a").v5());
    talk.disconnect(ReasonCode::normal_disconnection);
    talk.expect_nothing();
  }
  SECTION("with properties, unless the server finds them too large") {  // [MQTT-3.14.2-3]
                                                                        // [MQTT-3.14.2-4]
    const auto ends_with = [](const PropertyList& why, std::uint32_t maximum_packet_size,
                              const mqtt::Packet& goodbye) {
      Conversation talk(v5());
      talk.open(connack().with(PropertyId::maximum_packet_size, maximum_packet_size));
      talk.disconnect(ReasonCode::unspecified_error, why);
      talk.expect(goodbye);
      talk.expect_nothing();
    };
    const PropertyList reason{{PropertyId::reason_string, 0, "because", {}}};
    ends_with(reason, 14, disconnect(0x80).with(PropertyId::reason_string, "because"));
    ends_with(reason, 13, disconnect(0x80));
    const PropertyList own{{PropertyId::user_property, 0, "key", "v."}};
    ends_with(own, 14, disconnect(0x80).user_property("key", "v."));
    ends_with(own, 13, disconnect(0x80));
  }
  SECTION("when the server says so") {
    Conversation talk(v5());
    talk.open();
    talk.reply(disconnect(0x8e));
    talk.see("disconnected by server 0x8e");
    talk.expect_nothing();
    CHECK_FALSE(talk.session.connected());
  }
}

TEST_CASE("A client session keeps what its owner does not want to read yet") {
  Conversation talk(v5());
  talk.open();
  mqtt::ClientSession::Bytes out;
  {
    auto bytes = mqtt::encoded(publish("t", "a"), ProtocolVersion::v5);
    const auto second = mqtt::encoded(publish("t", "b"), ProtocolVersion::v5);
    bytes.insert(bytes.end(), second.begin(), second.end());
    talk.session.feed(bytes, talk.now);
    CHECK(text_of(talk.session.next_event(out).value()) == "message 't' 'a' QoS 0");
    talk.session.keep_unread();
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xFF});  // lent no longer
  }
  CHECK(text_of(talk.session.next_event(out).value()) == "message 't' 'b' QoS 0");
  CHECK_FALSE(talk.session.next_event(out));
}

TEST_CASE("A client session takes no memory for a message of QoS 0") {
  Conversation talk(with(v5(), PropertyId::topic_alias_maximum, 1));
  talk.open(connack().with(PropertyId::topic_alias_maximum, 10));
  mqtt::ClientSession::Bytes out;
  out.reserve(10'000);
  const auto allocations = [](const auto& action) {
    const auto before = AllocationCount::so_far().calls;
    action();
    return AllocationCount::so_far().calls - before;
  };

  SECTION("sent") {
    mqtt::Publish message;
    message.topic = "a/topic/that/is/longer/than/a/short/string";
    message.payload = mqtt::as_bytes("payload");
    CHECK(allocations([&] {
            for (int i = 0; i < 50; ++i) {
              if (!talk.session.publish(message, talk.now, out)) out.clear();
            }
          }) == 0);
    CHECK(out.size() > 50 * 50);
  }
  SECTION("received, with properties and by alias too") {
    auto bytes = mqtt::encoded(publish("a/topic/that/is/longer/than/a/short/string", "x")
                                   .with(PropertyId::topic_alias, 1)
                                   .user_property("name", "value"),
                               ProtocolVersion::v5);
    const auto by_alias =
        mqtt::encoded(publish("", "y").with(PropertyId::topic_alias, 1), ProtocolVersion::v5);
    talk.session.feed(bytes, talk.now);
    CHECK(talk.session.next_event(out));  // the alias is remembered once
    for (int i = 0; i < 50; ++i) bytes.insert(bytes.end(), by_alias.begin(), by_alias.end());
    int received = 0;
    CHECK(allocations([&] {
            talk.session.feed(bytes, talk.now);
            while (talk.session.next_event(out)) ++received;
          }) == 0);
    CHECK(received == 51);
  }
}

TEST_CASE("A client session shows its packets to a trace") {
  using Direction = mqtt::ClientSession::Direction;
  Conversation talk(v5());
  std::string seen;
  talk.session.set_trace([&](Direction direction, const mqtt::Frame& frame) {
    seen += direction == Direction::sent ? '>' : '<';
    seen += std::to_string(frame.type_number());
  });
  talk.open();
  talk.publish("t", "x", 1);
  talk.expect(publish("t", "x").qos(1).id(1));
  talk.reply(puback(1));
  talk.see("published 1");
  talk.disconnect(ReasonCode::normal_disconnection);
  talk.expect(disconnect());
  CHECK(seen == ">1<2>3<4>14");
}

}  // namespace

// The asynchronous client against a server that the test plays, both on one loop.
#include "mqtt/client/client.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "libmqtt/client/fake_server.h"
#include "libmqtt/client/watched_client.h"
#include "mqtt/io/unix_listener.h"
#include "mqtt/io/unix_stream.h"

namespace {

using namespace test;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using mqtt::client::ClientOptions;
using mqtt::client::ReconnectPolicy;
using std::chrono::milliseconds;

struct Fixture {
  mqtt::io::Loop loop;
  FakeServer server{loop};

  /// A v5 client of `server`.
  ClientOptions options() const {
    ClientOptions options;
    options.endpoint.host = "127.0.0.1";
    options.endpoint.port = server.port();
    options.connect.client_id = "a";
    return options;
  }
  /// One whose session outlives connections, and which comes back soon.
  ClientOptions persistent() const {
    ClientOptions durable = options();
    durable.connect.clean_start = false;
    durable.connect.properties.add(PropertyId::session_expiry_interval, 3600);
    durable.reconnect = ReconnectPolicy{};
    durable.reconnect->first_delay = milliseconds(1);
    return durable;
  }
  /// `client` is connected.
  void open(WatchedClient& watched, const mqtt::Packet& connack = test::connack()) {
    watched.client->connect();
    server.welcome(connack);
    watched.see(std::get<mqtt::Connack>(connack).session_present ? "connected, session present"
                                                                 : "connected");
  }
};

TEST_CASE_METHOD(Fixture, "A client connects, publishes, and hears what became of it") {
  WatchedClient watched(loop, options());
  watched.client->connect();
  CHECK_FALSE(watched.client->connected());
  server.accept();
  server.expect(connect("a").v5());
  watched.see_nothing();
  server.send(connack());
  watched.see("connected");
  CHECK(watched.client->connected());

  SECTION("at each QoS") {
    CHECK(watched.publish("t", "zero", 0).empty());
    CHECK(watched.publish("t", "one", 1).empty());
    CHECK(watched.publish("t", "two", 2).empty());
    CHECK(watched.client->unfinished_messages() == 2);
    server.expect(publish("t", "zero"));
    server.expect(publish("t", "one").qos(1).id(1));
    server.expect(publish("t", "two").qos(2).id(2));
    watched.see("published zero");
    server.send(pubrec(2));
    server.expect(pubrel(2));
    server.send(pubcomp(2));
    watched.see("published two");
    server.send(puback(1, 0x87));
    watched.see("published one 0x87");
    CHECK(watched.client->unfinished_messages() == 0);
    CHECK(watched.client->waiting_bytes() == 0);
  }
  SECTION("in whatever order, and also those between messages that nobody asks about") {
    const auto publish_unasked = [&] {
      mqtt::Publish message;
      message.topic = "t";
      message.payload = mqtt::as_bytes("unasked");
      message.qos = mqtt::QoS::at_least_once;
      CHECK(watched.client->publish(message));
      server.expect(publish("t", "unasked")
                        .qos(1)
                        .id(static_cast<std::uint16_t>(watched.client->unfinished_messages())));
    };
    publish_unasked();
    CHECK(watched.publish("t", "first", 1).empty());
    server.expect(publish("t", "first").qos(1).id(2));
    publish_unasked();
    publish_unasked();
    CHECK(watched.publish("t", "second", 1).empty());
    server.expect(publish("t", "second").qos(1).id(5));
    server.send(puback(5));
    watched.see("published second");
    server.send(puback(3));
    server.send(puback(1));
    server.send(puback(2, 0x87));
    watched.see("published first 0x87");
    server.send(puback(4));
    server.send(puback(5));
    CHECK(watched.publish("t", "third", 1).empty());
    server.expect(publish("t", "third").qos(1).id(6));
    server.send(puback(6));
    watched.see("published third");
  }
  SECTION("also when packet identifiers begin again") {
    constexpr int all = 65'600;
    int told = 0;
    int sent = 0;
    const auto send_next = [&] {
      mqtt::Publish message;
      message.topic = "t";
      message.qos = mqtt::QoS::at_least_once;
      const int number = sent++;
      REQUIRE(
          watched.client->publish(message, [&, number](const mqtt::client::PublishResult& result) {
            REQUIRE(result.ok());
            REQUIRE(number == told);
            ++told;
          }));
    };
    for (std::uint16_t id = 1; told < all;) {
      const int before = told;
      for (int i = 0; i < 20; ++i) send_next();
      Bytes answers;
      for (int i = 0; i < 20; ++i) {
        server.expect(publish("t", "").qos(1).id(id));
        const Bytes answer = mqtt::encoded(puback(id), mqtt::ProtocolVersion::v5);
        answers.insert(answers.end(), answer.begin(), answer.end());
        id = id == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(id + 1);
      }
      server.send(answers);
      turn_until(loop, "the end of 20 messages", [&] { return told == before + 20; });
    }
  }
  SECTION("never from inside the call") {
    CHECK(watched.publish("t", "zero", 0).empty());
    // `see` would fail on anything that had been told before the loop turned.
    server.expect(publish("t", "zero"));
    watched.see("published zero");
  }
  SECTION("what cannot be sent is an error at once") {
    CHECK(watched.publish("t/#", "x", 0) == "invalid topic");
    CHECK(watched.publish("t/#", "x", 1) == "invalid topic");
    watched.see_nothing();
    server.expect_nothing();
  }
  SECTION("a large message leaves as fast as the server reads") {
    server.pause();
    const std::string large = "large " + repeated(8'000'000);
    CHECK(watched.publish("t", large, 0).empty());
    settle(loop);
    CHECK(watched.client->waiting_bytes() > 1'000'000);
    watched.see_nothing();
    server.resume();
    server.expect(publish("t", large));
    watched.see("published large");
    CHECK(watched.client->waiting_bytes() == 0);
  }
  SECTION("connecting again changes nothing") {
    watched.client->connect();
    server.expect_nothing();
    watched.see_nothing();
  }
}

TEST_CASE_METHOD(Fixture, "A client subscribes, receives and unsubscribes") {
  WatchedClient watched(loop, options());
  CHECK(watched.subscribe({"a"}) == "not connected");
  open(watched);
  CHECK(watched.subscribe({"a/#", "b"}, 1).empty());
  server.expect(subscribe(1, "a/#", 1).filter("b", 1));
  server.send(suback(1, {1, 0x87}));
  watched.see("subscribed 0x01 0x87");

  server.send(publish("a/b", "x").qos(1).id(5).retain());
  watched.see("message 'a/b' 'x' QoS 1 retain");
  server.expect(puback(5));

  CHECK(watched.unsubscribe({"a/#"}).empty());
  server.expect(unsubscribe(2, "a/#"));
  server.send(unsuback(2, {0x11}));
  watched.see("unsubscribed 0x11");
  CHECK(watched.subscribe({"#/a"}) == "invalid topic");
}

TEST_CASE_METHOD(Fixture, "A client says why a connection did not come about") {
  SECTION("refused by the server") {
    WatchedClient watched(loop, options());
    watched.client->connect();
    server.welcome(connack(0x86));
    watched.see("ended: refused 0x86");
    server.expect_closed();
    watched.see_nothing();
  }
  SECTION("nobody listens") {
    ClientOptions nowhere = options();
    nowhere.endpoint.port = 1;
    WatchedClient watched(loop, nowhere);
    watched.client->connect();
    watched.see("ended: unreachable");
  }
  SECTION("the transport cannot be made: told from the loop all the same") {
    WatchedClient watched(loop, options(), [](mqtt::io::Loop&) {
      return tl::unexpected(std::string("no such thing"));
    });
    watched.client->connect();
    watched.see("ended: unreachable");
  }
  SECTION("the server says nothing") {
    ClientOptions hasty = options();
    hasty.connect_timeout = milliseconds(20);
    WatchedClient watched(loop, hasty);
    watched.client->connect();
    watched.see("ended: timed out");
    CHECK_FALSE(watched.client->connected());
  }
  SECTION("the server hangs up") {
    WatchedClient watched(loop, options());
    watched.client->connect();
    server.accept();
    server.expect(connect("a").v5());
    server.close();
    watched.see("ended: lost");
    CHECK(watched.end_text == "closed by the server before it answered CONNECT");
  }
  SECTION("the server speaks something else") {
    const auto [answer, text] = GENERATE(
        std::pair{std::string_view("\x15\x03\x01\0\2\2\x46", 7), "the answer is TLS, not MQTT"},
        std::pair{std::string_view("HTTP/1.1 400 Bad Request\r\n"),
                  "the answer is HTTP, not MQTT"});
    WatchedClient watched(loop, options());
    watched.client->connect();
    server.accept();
    server.expect(connect("a").v5());
    server.send(mqtt::as_bytes(answer));
    watched.see("ended: lost");
    CHECK(watched.end_text == text);
  }
}

TEST_CASE_METHOD(Fixture, "A client says why a connection ended") {
  WatchedClient watched(loop, options());
  open(watched);

  SECTION("the server said so") {
    server.send(disconnect(0x8B));
    watched.see("ended: by server 0x8b");
  }
  SECTION("the transport ended; what waits for an answer fails") {
    CHECK(watched.subscribe({"a"}).empty());
    server.expect(subscribe(1, "a"));
    server.close();
    watched.see("subscribed: the connection was lost");
    watched.see("ended: lost");
  }
  SECTION("the server broke the protocol, and is told") {
    server.send(connack());
    server.expect(disconnect(0x82));
    server.expect_closed();
    watched.see("ended: protocol error 0x82");
  }
  SECTION("and connects again when it is asked to, also from inside") {
    watched.on_anything = [&](const std::string& event) {
      if (event == "ended: lost") watched.client->connect();
    };
    server.close();
    watched.see("ended: lost");
    server.welcome();
    watched.see("connected");
  }
}

TEST_CASE_METHOD(Fixture, "A client disconnects in order") {
  SECTION("everything said before arrives first") {
    WatchedClient watched(loop, options());
    open(watched);
    server.pause();
    const std::string large = "large " + repeated(4'000'000);
    CHECK(watched.publish("t", large, 0).empty());
    watched.client->disconnect(ReasonCode::disconnect_with_will_message);
    CHECK(watched.publish("t", "late", 0) == "not connected");
    settle(loop);
    server.resume();
    server.expect(publish("t", large));
    server.expect(disconnect(4));
    server.expect_closed();
    watched.see("published large");
    watched.see("ended: requested");
    watched.see_nothing();
  }
  SECTION("a server that does not read is given up") {
    ClientOptions hasty = options();
    hasty.disconnect_timeout = milliseconds(20);
    WatchedClient watched(loop, hasty);
    open(watched);
    server.pause();
    CHECK(watched.publish("t", "large " + repeated(20'000'000), 1).empty());
    watched.client->disconnect();
    watched.see("ended: requested");
  }
  SECTION("an attempt is called off") {
    WatchedClient watched(loop, options());
    watched.client->connect();
    watched.client->disconnect();
    watched.see("ended: requested");
    watched.see_nothing();
    watched.client->connect();
    server.welcome();
    watched.see("connected");
  }
  SECTION("so is the wait for the next one") {
    ClientOptions patient = persistent();
    patient.reconnect->first_delay = std::chrono::hours(1);
    WatchedClient watched(loop, patient);
    open(watched);
    server.close();
    watched.see("ended: lost, retry");
    watched.client->disconnect();
    watched.see("ended: requested");
    watched.see_nothing();
  }
  SECTION("without a connection there is nothing to end") {
    WatchedClient watched(loop, options());
    watched.client->disconnect();
    watched.see_nothing();
  }
}

TEST_CASE_METHOD(Fixture, "A client comes back and resumes its session") {
  WatchedClient watched(loop, persistent());
  open(watched);
  CHECK(watched.publish("t", "one", 1).empty());
  CHECK(watched.publish("t", "two", 2).empty());
  server.expect(publish("t", "one").qos(1).id(1));
  server.expect(publish("t", "two").qos(2).id(2));
  server.send(pubrec(2));
  server.expect(pubrel(2));
  server.close();
  watched.see("ended: lost, retry");

  SECTION("sending again what was in flight, then what was queued meanwhile") {
    CHECK(watched.publish("t", "three", 1).empty());
    CHECK(watched.publish("t", "zero", 0) == "not connected");
    CHECK(watched.client->unfinished_messages() == 3);
    server.accept();
    server.expect(connect("a").v5().clean(false).with(PropertyId::session_expiry_interval, 3600));
    server.send(connack().session_present());
    watched.see("connected, session present");
    server.expect(pubrel(2));
    server.expect(publish("t", "one").qos(1).id(1).dup());
    server.expect(publish("t", "three").qos(1).id(3));
    server.send(puback(1));
    server.send(pubcomp(2));
    server.send(puback(3));
    watched.see("published one");
    watched.see("published two");
    watched.see("published three");
  }
  SECTION("or saying that the server forgot it") {
    server.welcome(connack());
    watched.see("connected");
    watched.see("published one: the server lost the session");
    watched.see("published two: the server lost the session");
  }
  SECTION("again and again, as long as it is worth it") {
    server.welcome(connack(0x88));
    watched.see("ended: refused 0x88, retry");
    server.accept();
    server.close();
    watched.see("ended: lost, retry");
    server.welcome(connack().session_present());
    watched.see("connected, session present");
    server.send(disconnect(0x8E));
    watched.see("ended: by server 0x8e");
    watched.see_nothing();
  }
}

TEST_CASE_METHOD(Fixture, "A client does not come back unless it is told to") {
  SECTION("no policy") {
    WatchedClient watched(loop, options());
    open(watched);
    server.close();
    watched.see("ended: lost");
  }
  SECTION("a first attempt that fails") {
    ClientOptions nowhere = persistent();
    nowhere.endpoint.port = 1;
    WatchedClient watched(loop, nowhere);
    watched.client->connect();
    watched.see("ended: unreachable");
  }
  SECTION("a first attempt that fails, and counts; until it gives up") {
    ClientOptions nowhere = persistent();
    nowhere.endpoint.port = 1;
    nowhere.reconnect->retry_first = true;
    nowhere.reconnect->max_attempts = 2;
    WatchedClient watched(loop, nowhere);
    watched.client->connect();
    watched.see("ended: unreachable, retry");
    watched.see("ended: unreachable, retry");
    watched.see("ended: unreachable");
    watched.see_nothing();
  }
  SECTION("but comes at once when it is told so while it waits") {
    ClientOptions patient = persistent();
    patient.reconnect->first_delay = std::chrono::hours(1);
    WatchedClient watched(loop, patient);
    open(watched);
    server.close();
    watched.see("ended: lost, retry");
    watched.client->connect();
    server.welcome(connack().session_present());
    watched.see("connected, session present");
  }
}

TEST_CASE_METHOD(Fixture, "A client queues what it cannot send yet") {
  ClientOptions narrow = options();
  narrow.max_waiting_messages = 4;
  narrow.max_waiting_bytes = 1000;

  SECTION("messages of QoS 1 and 2 before there is a connection, up to a number") {
    WatchedClient watched(loop, narrow);
    CHECK(watched.publish("t", "0", 0) == "not connected");
    for (const char* name : {"a", "b", "c", "d"}) CHECK(watched.publish("t", name, 1).empty());
    CHECK(watched.publish("t", "e", 1) == "too many messages waiting");
    CHECK(watched.client->congested());
    CHECK(watched.client->waiting_bytes() == 8);
    open(watched, connack().with(PropertyId::receive_maximum, 2));
    server.expect(publish("t", "a").qos(1).id(1));
    server.expect(publish("t", "b").qos(1).id(2));
    watched.see("room");
    server.expect_nothing();
    server.send(puback(1));
    watched.see("published a");
    server.expect(publish("t", "c").qos(1).id(3));
    CHECK_FALSE(watched.client->congested());
  }
  SECTION("what the server then does not allow is told") {
    WatchedClient watched(loop, narrow);
    CHECK(watched.publish("t", "a", 2).empty());
    CHECK(watched.publish("t", "b", 1).empty());
    open(watched, connack().with(PropertyId::maximum_qos, 1));
    watched.see("published a: the server does not support this QoS");
    server.expect(publish("t", "b").qos(1).id(1));
  }
  SECTION("bytes that the transport does not take, up to a number") {
    WatchedClient watched(loop, narrow);
    open(watched);
    server.pause();
    const std::string large = "large " + repeated(8'000'000);
    CHECK(watched.publish("t", large, 0).empty());  // a single message may exceed the limit
    settle(loop);
    CHECK(watched.publish("t", "x", 0) == "too many messages waiting");
    CHECK(watched.publish("t", "x", 1) == "too many messages waiting");
    server.resume();
    server.expect(publish("t", large));
    watched.see("published large");
    watched.see("room");
    CHECK(watched.publish("t", "x", 0).empty());
    server.expect(publish("t", "x"));
  }
}

TEST_CASE_METHOD(Fixture, "A client does not read while it is paused") {
  WatchedClient watched(loop, options());
  open(watched);
  watched.on_anything = [&](const std::string& event) {
    if (event == "message 't' '1' QoS 0") watched.client->pause();
  };
  Bytes three;
  for (const char* payload : {"1", "2", "3"}) {
    const auto one = mqtt::encoded(publish("t", payload), mqtt::ProtocolVersion::v5);
    three.insert(three.end(), one.begin(), one.end());
  }
  server.send(mqtt::ByteView(three));
  watched.see("message 't' '1' QoS 0");
  server.send(publish("t", "4"));
  watched.see_nothing();
  CHECK(watched.publish("t", "out", 0).empty());
  server.expect(publish("t", "out"));
  watched.see("published out");
  watched.client->resume();
  watched.see("message 't' '2' QoS 0");
  watched.see("message 't' '3' QoS 0");
  watched.see("message 't' '4' QoS 0");
}

TEST_CASE_METHOD(Fixture, "A client that is paused still gets through CONNACK") {
  WatchedClient watched(loop, options());
  watched.client->pause();
  open(watched);
  server.send(publish("t", "x"));
  watched.see_nothing();
  watched.client->resume();
  watched.see("message 't' 'x' QoS 0");
}

TEST_CASE_METHOD(Fixture, "A client keeps its connection alive, and notices that nobody answers") {
  ClientOptions short_lived = options();
  short_lived.connect.keep_alive_s = 1;
  WatchedClient watched(loop, short_lived);
  open(watched);
  server.expect(pingreq());
  server.send(pingresp());
  server.expect(pingreq());
  watched.see("ended: timed out 0x8d");
  server.expect_closed();
}

TEST_CASE_METHOD(Fixture, "A client authenticates in steps") {
  ClientOptions enhanced = options();
  enhanced.connect.properties.add(PropertyId::authentication_method, "M");
  WatchedClient watched(loop, enhanced);
  const auto step = [](int reason, const char* data) {
    return auth(reason)
        .with(PropertyId::authentication_method, "M")
        .with(PropertyId::authentication_data, data);
  };
  watched.on_anything = [&](const std::string& event) {
    if (event == "auth 0x18 '?'") CHECK(watched.client->authenticate(mqtt::as_bytes("!")));
  };
  watched.client->connect();
  server.accept();
  server.expect(connect("a").v5().with(PropertyId::authentication_method, "M"));
  server.send(step(0x18, "?"));
  watched.see("auth 0x18 '?'");
  server.expect(step(0x18, "!"));
  server.send(connack().with(PropertyId::authentication_method, "M"));
  watched.see("connected");
  CHECK(watched.client->reauthenticate(mqtt::as_bytes("again")));
  server.expect(step(0x19, "again"));
  server.send(step(0, "fine"));
  watched.see("auth 0x00 'fine'");
}

TEST_CASE_METHOD(Fixture, "A client lets its owner acknowledge") {
  ClientOptions by_owner = options();
  by_owner.connect.acknowledge_by = mqtt::AcknowledgeBy::owner;
  WatchedClient watched(loop, by_owner);
  open(watched);
  server.send(publish("t", "a").qos(1).id(4));
  server.send(publish("t", "b").qos(2).id(5));
  watched.see("message 't' 'a' QoS 1");
  watched.see("message 't' 'b' QoS 2");
  watched.client->acknowledge(2, ReasonCode::quota_exceeded);
  server.expect_nothing();
  watched.client->acknowledge(1);
  server.expect(puback(4));
  server.expect(pubrec(5, 0x97));
}

TEST_CASE_METHOD(Fixture, "A client may be destroyed from inside any of its calls") {
  ClientOptions all = persistent();
  all.connect.properties.add(PropertyId::authentication_method, "M");
  all.max_waiting_messages = 1;
  WatchedClient watched(loop, all);
  std::string last;
  watched.on_anything = [&](const std::string& event) {
    if (event == last) watched.client.reset();
  };
  const auto welcome = connack().with(PropertyId::authentication_method, "M");
  const auto dies_at = [&](const std::string& event) {
    watched.see(event);
    CHECK(watched.client == nullptr);
    settle(loop);
    watched.see_nothing();
  };

  SECTION("on_connected") {
    last = "connected";
    watched.client->connect();
    server.welcome(welcome);
    dies_at("connected");
  }
  SECTION("on_message, with more behind it") {
    last = "message 't' 'x' QoS 1";
    open(watched, welcome);
    server.send(publish("t", "x").qos(1).id(1));
    server.send(publish("t", "y").qos(1).id(2));
    dies_at("message 't' 'x' QoS 1");
    server.expect_closed();  // and nothing was acknowledged
  }
  SECTION("on_disconnected") {
    last = "ended: lost, retry";
    open(watched, welcome);
    server.close();
    dies_at("ended: lost, retry");
  }
  SECTION("on_auth") {
    last = "auth 0x18 ''";
    watched.client->connect();
    server.accept();
    server.expect(connect("a")
                      .v5()
                      .clean(false)
                      .with(PropertyId::session_expiry_interval, 3600)
                      .with(PropertyId::authentication_method, "M"));
    server.send(auth(0x18).with(PropertyId::authentication_method, "M"));
    dies_at("auth 0x18 ''");
  }
  SECTION("on_room") {
    last = "room";
    CHECK(watched.publish("t", "a", 1).empty());
    CHECK(watched.publish("t", "b", 1) == "too many messages waiting");
    open(watched, welcome);
    dies_at("room");
  }
  SECTION("the completion of a publish of QoS 0, with more behind it") {
    last = "published a";
    open(watched, welcome);
    CHECK(watched.publish("t", "a", 0).empty());
    CHECK(watched.publish("t", "b", 0).empty());
    dies_at("published a");
  }
  SECTION("the completion of a publish of QoS 1") {
    last = "published a";
    open(watched, welcome);
    CHECK(watched.publish("t", "a", 1).empty());
    CHECK(watched.publish("t", "b", 1).empty());
    server.send(puback(1));
    server.send(puback(2));
    dies_at("published a");
  }
  SECTION("the completion of a queued publish that the server does not allow") {
    last = "published a: the server does not support this QoS";
    CHECK(watched.publish("t", "a", 2).empty());
    open(watched,
         connack().with(PropertyId::maximum_qos, 1).with(PropertyId::authentication_method, "M"));
    dies_at("published a: the server does not support this QoS");
  }
  SECTION("the completion of a request, and of one that fails with the connection") {
    open(watched, welcome);
    SECTION("answered") {
      last = "subscribed 0x00";
      CHECK(watched.subscribe({"a"}).empty());
      server.send(suback(1, {0}));
    }
    SECTION("not answered") {
      last = "subscribed: the connection was lost";
      CHECK(watched.subscribe({"a"}).empty());
      CHECK(watched.subscribe({"b"}).empty());
      server.close();
    }
    dies_at(last);
  }
}

TEST_CASE_METHOD(Fixture, "A client that is destroyed outside of its calls says nothing more") {
  WatchedClient watched(loop, options());

  SECTION("with a turn of the loop still owed") {
    open(watched);
    CHECK(watched.publish("t", "a", 0).empty());
    watched.client.reset();
    server.expect_closed();
    watched.see_nothing();
  }
  SECTION("before it was ever connected") {
    watched.client->connect();
    watched.client.reset();
    watched.see_nothing();
  }
}

TEST_CASE_METHOD(Fixture, "A client shows its packets") {
  WatchedClient watched(loop, options());
  std::string seen;
  watched.client->set_trace(
      [&](mqtt::ClientSession::Direction direction, const mqtt::Frame& frame) {
        seen += direction == mqtt::ClientSession::Direction::sent ? '>' : '<';
        seen += std::to_string(frame.type_number());
      });
  open(watched);
  server.send(publish("t", "x"));
  watched.see("message 't' 'x' QoS 0");
  watched.client->disconnect();
  watched.see("ended: requested");
  CHECK(seen == ">1<2<3>14");
}

TEST_CASE_METHOD(Fixture, "A handler may be made of functions, and requests of their short forms") {
  std::vector<std::string> told;
  mqtt::client::Callbacks on;
  mqtt::client::Client client(loop, options(), on);
  const auto wait_for = [&](const std::string& what) {
    turn_until(loop, what, [&] { return !told.empty() && told.back() == what; });
  };
  SECTION("each is called") {
    on.connected = [&](const mqtt::Connack&) { told.emplace_back("connected"); };
    on.message = [&](const mqtt::Publish& message) { told.emplace_back(message.topic); };
    on.disconnected = [&](const mqtt::client::ConnectionEnd&) { told.emplace_back("ended"); };
    client.connect();
    server.welcome();
    wait_for("connected");
    REQUIRE(client.subscribe("t/#", mqtt::QoS::at_least_once, [&](const auto& result) {
      told.emplace_back(result.ok() ? "granted" : "refused");
    }));
    server.expect(subscribe(1, "t/#", 1));
    server.send(suback(1, {0x01}));
    wait_for("granted");
    REQUIRE(client.publish("t/a", "hello", mqtt::QoS::at_least_once, [&](const auto& result) {
      told.emplace_back(result.ok() ? "published" : "not published");
    }));
    server.expect(publish("t/a", "hello").qos(1).id(2));
    server.send(puback(2));
    wait_for("published");
    server.send(publish("t/a", "hello"));
    wait_for("t/a");
    REQUIRE(client.publish("t/b", "bye"));
    server.expect(publish("t/b", "bye"));
    REQUIRE(client.unsubscribe("t/#", [&](const auto& result) {
      told.emplace_back(result.ok() ? "unsubscribed" : "not subscribed");
    }));
    server.expect(unsubscribe(3, "t/#"));
    server.send(unsuback(3, {0x00}));
    wait_for("unsubscribed");
    client.disconnect();
    wait_for("ended");
  }
  SECTION("none has to be set") {
    client.connect();
    server.welcome();
    server.send(publish("t", "x").qos(1).id(1));
    server.expect(puback(1));
  }
  SECTION("one filter of several that is refused makes the whole not ok") {
    client.connect();
    server.welcome();
    turn_until(loop, "connected", [&] { return client.connected(); });
    const std::vector<mqtt::SubscriptionRequest> both = {{"a", {}}, {"b", {}}};
    REQUIRE(client.subscribe(both, {}, [&](const auto& result) {
      told.emplace_back(result.ok() ? "granted" : "refused");
    }));
    server.expect(subscribe(1, "a", 0).filter("b", 0));
    server.send(suback(1, {0x00, 0x87}));
    wait_for("refused");
  }
}

TEST_CASE("A client connects over a Unix socket") {
  const std::string path = "/tmp/mqtt-client-test-" + std::to_string(::getpid());
  mqtt::io::Loop loop;
  bool accepted = false;
  mqtt::io::ListenerEvents events;
  events.on_accept = [&](int fd) {
    accepted = true;
    ::close(fd);
  };
  const auto listener = mqtt::io::UnixListener::listen(loop, path, events).value();
  ClientOptions options;
  options.endpoint.unix_path = path;
  WatchedClient watched(loop, options);
  watched.client->connect();
  watched.see("ended: lost");
  CHECK(accepted);
}

}  // namespace

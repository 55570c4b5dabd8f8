/// Password and ACL files as clients meet them, and what becomes of clients when the files change.

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "mqtt/credentials/password_hash.h"
#include "support/broker_fixture.h"
#include "support/scratch_folder.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

namespace {

/// Of the three schemes, at a cost that a test does not notice.
std::string hash_of(std::string_view password,
                    mqtt::HashScheme scheme = mqtt::HashScheme::pbkdf2_sha512) {
  return mqtt::PasswordHash::create(mqtt::as_bytes(password), {scheme, 10, 64, 1, 1})->text();
}

/// What the broker is told: files in a folder that is gone when the test is over.
struct Files {
  ScratchFolder folder;
  std::string bob = "bob:" + hash_of("secret") + "\n";
  std::string alice = "alice:" + hash_of("wonder") + "\n";

  std::string passwords(const std::string& text) const {
    return "password_file " + folder.file("passwords", text) + "\n";
  }
  std::string rules(const std::string& text) const {
    return "acl_file " + folder.file("acl", text) + "\n";
  }
};

ConnectBuilder as(const char* user, const char* password) {
  return connect(user).v5().user(user).password(password);
}

void expect_refused(BrokerFixture& broker, const ConnectBuilder& connect, int reason) {
  Peer peer = broker.peer();
  peer.send(connect);
  peer.expect(connack(reason));
  peer.expect_closed();
}

/// A client that is there and has asked for everything.
Peer subscriber(BrokerFixture& broker, ConnectBuilder connect, int qos = 1) {
  Peer peer = broker.peer();
  peer.open(connect);
  peer.send(subscribe(1, "#", qos));
  peer.expect(suback(1, {qos}));
  return peer;
}

}  // namespace

TEST_CASE("a client with a user name must know the password") {
  const unsigned workers = GENERATE(1U, 4U);
  const Files files;
  const auto scheme = GENERATE(mqtt::HashScheme::sha512, mqtt::HashScheme::pbkdf2_sha512,
                               mqtt::HashScheme::argon2id);
  BrokerFixture broker(workers, files.passwords("bob:" + hash_of("secret", scheme) + "\n"));
  SECTION("who does is let in") {
    Peer peer = broker.peer();
    peer.open(as("bob", "secret"));
    peer.expect_nothing();
  }
  SECTION("who does not is refused, and so is who does not exist") {
    expect_refused(broker, as("bob", "Secret"), 0x87);
    expect_refused(broker, as("nobody", "secret"), 0x87);
    expect_refused(broker, connect("x").v5().user("bob"), 0x87);
  }
  SECTION("older clients are told in their way") {
    Peer peer = broker.peer();
    peer.send(connect("x").user("bob").password("wrong"));
    peer.expect("20 02 00 05");
    peer.expect_closed();
  }
  SECTION("what is sent behind CONNECT waits for the answer") {
    Peer peer = broker.peer();
    peer.send(as("bob", "secret"));
    peer.send(publish("t", "x").qos(1).id(7));
    CHECK(peer.receive<mqtt::Connack>()->reason == mqtt::ReasonCode::success);
    peer.expect(puback(7, 0x10));
  }
  SECTION("who leaves before the answer is forgotten") {
    for (int i = 0; i < 20; ++i) {
      Peer peer = broker.peer();
      peer.send(as("bob", "secret"));
      peer.close();
    }
    Peer peer = broker.peer();
    peer.open(as("bob", "secret"));
  }
}

TEST_CASE("the password file has no opinion about who has no name") {
  const Files files;
  SECTION("allowed") {
    BrokerFixture broker(1, files.passwords(files.bob));
    broker.peer().open(connect("a").v5());
  }
  SECTION("not allowed") {
    BrokerFixture broker(
        1, "allow_anonymous false\nlistener_allow_anonymous false\n" + files.passwords(files.bob));
    expect_refused(broker, connect("a").v5(), 0x87);
    expect_refused(broker, connect("a").v5().user(""), 0x87);
    broker.peer().open(as("bob", "secret"));
  }
}

TEST_CASE("with per_listener_settings each listener has files of its own") {
  const Files files;
  BrokerFixture broker(GENERATE(1U, 4U),
                       files.passwords(files.bob) +
                           "listener 1884 127.0.0.1\nallow_anonymous true\n" +
                           files.rules("topic write #\n"),
                       {}, "per_listener_settings true\n");
  Peer open(broker->port(1));
  open.open(connect("x").v5());
  open.send(subscribe(1, "t", 1));
  open.expect(suback(1, {1}));
  expect_refused(broker, as("bob", "wrong"), 0x87);
  Peer bob = subscriber(broker, as("bob", "secret"));
  open.send(publish("t", "by x").qos(1).id(1));
  open.expect(puback(1));
  bob.expect(publish("t", "by x").qos(1).id(1));
  open.expect_nothing();  // its listener's file lets nobody receive
}

TEST_CASE("the user name may stand for the client identifier") {
  const Files files;
  BrokerFixture broker(GENERATE(1U, 4U),
                       "use_username_as_clientid true\n" + files.passwords(files.bob));
  Peer first = broker.peer();
  first.open(connect("one").v5().user("bob").password("secret"));
  SECTION("so the same user takes over, whatever the identifier") {
    Peer second = broker.peer();
    second.open(connect("two").v5().user("bob").password("secret"));
    first.expect(disconnect(0x8E));
    first.expect_closed();
  }
  SECTION("but not with a wrong password") {
    expect_refused(broker, connect("two").v5().user("bob").password("x"), 0x87);
    first.expect_nothing();
  }
  SECTION("and who has none is refused") {
    expect_refused(broker, connect("three").v5(), 0x87);
  }
}

TEST_CASE("client identifiers may have to begin alike") {
  BrokerFixture broker(1, "clientid_prefixes dev-\n");
  broker.peer().open(connect("dev-1").v5());
  expect_refused(broker, connect("other").v5(), 0x87);
  Peer old = broker.peer();
  old.send(connect("other"));
  old.expect("20 02 00 05");
}

TEST_CASE("an ACL file decides who may publish") {
  const Files files;
  BrokerFixture broker(1, files.rules("topic write open\ntopic read #\n"));
  Peer witness = subscriber(broker, connect("witness").v5(), 2);
  Peer peer = broker.peer();
  SECTION("v5 clients are told") {
    peer.open(connect("a").v5());
    peer.send(publish("shut", "x").qos(1).id(1));
    peer.expect(puback(1, 0x87));
    peer.send(publish("shut", "x").qos(2).id(2));
    peer.expect(pubrec(2, 0x87));
  }
  SECTION("3.1.1 clients cannot be") {
    peer.open(connect("a"));
    peer.send(publish("shut", "x").qos(1).id(1));
    peer.expect(puback(1));
  }
  SECTION("nor anyone at QoS 0") {
    peer.open(connect("a").v5());
    peer.send(publish("shut", "x"));
  }
  peer.send(publish("open", "last").qos(1).id(9));
  peer.expect(puback(9));
  witness.expect(publish("open", "last").qos(1).id(1));
  witness.expect_nothing();
}

TEST_CASE("an ACL file decides who may receive, not who may subscribe") {
  const Files files;
  BrokerFixture broker(GENERATE(1U, 4U),
                       files.passwords(files.bob + files.alice) +
                           files.rules("topic readwrite #\nuser bob\ntopic read a/#\n"
                                       "pattern read to/%u\n"));
  Peer publisher = broker.peer();
  publisher.open(connect("p").v5());
  publisher.send(publish("a/old", "kept").retain().qos(1).id(1));
  publisher.expect(puback(1, 0x10));
  publisher.send(publish("b/old", "kept").retain().qos(1).id(2));
  publisher.expect(puback(2, 0x10));
  Peer bob = subscriber(broker, as("bob", "secret"));
  bob.expect(publish("a/old", "kept").retain().qos(1).id(1));
  bob.send(puback(1));
  for (const char* topic : {"b/new", "to/alice", "to/bob", "a/new"}) {
    publisher.send(publish(topic, "x").qos(1).id(3));
    publisher.receive<mqtt::Puback>();
  }
  bob.expect(publish("to/bob", "x").qos(1).id(2));
  bob.expect(publish("a/new", "x").qos(1).id(3));
  bob.expect_nothing();
}

TEST_CASE("a Will is published with the rights of its client") {
  const Files files;
  BrokerFixture broker(1, files.rules("topic read #\ntopic write open\n"));
  Peer witness = subscriber(broker, connect("witness").v5());
  for (const char* topic : {"shut", "$SYS/broker/uptime", "open"}) {
    Peer mortal = broker.peer();
    mortal.open(connect("mortal").v5().will(topic, "gone", 1));
    mortal.close();
  }
  witness.expect(publish("open", "gone").qos(1).id(1));
  witness.expect_nothing();
}

TEST_CASE("a reload puts other rules into force at once") {
  const Files files;
  BrokerFixture broker(GENERATE(1U, 4U), files.rules("topic #\n"));
  Peer reader = subscriber(broker, connect("reader").v5());
  Peer writer = broker.peer();
  writer.open(connect("writer").v5());
  writer.send(publish("a", "1").qos(1).id(1));
  writer.expect(puback(1));
  reader.expect(publish("a", "1").qos(1).id(1));
  broker.reconfigure(files.rules("topic write #\ntopic read b\n"));
  writer.send(publish("a", "2").qos(1).id(2));
  writer.expect(puback(2));
  writer.send(publish("b", "3").qos(1).id(3));
  writer.expect(puback(3));
  reader.expect(publish("b", "3").qos(1).id(2));
  SECTION("or none any more") {
    broker.reconfigure("");
    writer.send(publish("a", "4").qos(1).id(4));
    writer.expect(puback(4));
    reader.expect(publish("a", "4").qos(1).id(3));
  }
}

TEST_CASE("what is queued is looked at again when the rules change") {
  const Files files;
  BrokerFixture broker(1, "max_inflight_messages 1\n" + files.rules("topic #\n"));
  Peer writer = broker.peer();
  writer.open(connect("writer").v5());
  const auto publish_three = [&] {
    std::uint16_t id = 0;
    for (const char* topic : {"first", "shut", "open"}) {
      writer.send(publish(topic, "x").qos(1).id(++id));
      writer.expect(puback(id));
    }
  };
  const std::string without_shut = files.rules("topic #\ntopic deny shut\n");
  SECTION("for a client that is there") {
    Peer reader = subscriber(broker, connect("reader").v5());
    publish_three();
    reader.expect(publish("first", "x").qos(1).id(1));
    broker.reconfigure("max_inflight_messages 1\n" + without_shut);
    reader.send(puback(1));
    reader.expect(publish("open", "x").qos(1).id(2));
  }
  SECTION("and for one that comes back") {
    const auto durable = connect("reader").v5().with(PropertyId::session_expiry_interval, 100);
    subscriber(broker, durable).close();
    publish_three();
    broker.reconfigure("max_inflight_messages 1\n" + without_shut);
    Peer reader = broker.peer();
    reader.open(connect("reader").v5().clean(false).with(PropertyId::session_expiry_interval, 100));
    const auto first = reader.receive<mqtt::Publish>();
    CHECK(first->topic == "first");
    reader.send(puback(first->packet_id));
    CHECK(reader.receive<mqtt::Publish>()->topic == "open");
  }
}

TEST_CASE("a QoS 2 message is published if its client still may when it releases it") {
  const Files files;
  const std::string passwords = files.passwords(files.bob + files.alice);
  const auto rules = [&](const char* more) {
    return passwords + files.rules("topic read #\nuser bob\n" + std::string(more));
  };
  BrokerFixture broker(GENERATE(1U, 4U), rules("topic readwrite #\n"));
  Peer witness = subscriber(broker, connect("witness"));
  const auto session = [](const char* user, const char* password) {
    return as(user, password).clean(false).with(PropertyId::session_expiry_interval, 100U);
  };
  Peer bob = broker.peer();
  bob.open(session("bob", "secret"));
  bob.send(publish("t", "held").qos(2).id(1));
  bob.expect(pubrec(1));
  SECTION("it still may") {
    broker.reconfigure(rules("topic readwrite t\n"));
    bob.send(pubrel(1));
    bob.expect(pubcomp(1));
    witness.expect(publish("t", "held").qos(1).id(1));
  }
  SECTION("the right was taken from it: it is told nothing, as PUBCOMP has no word for it") {
    broker.reconfigure(rules("topic readwrite other\n"));
    bob.send(pubrel(1));
    bob.expect(pubcomp(1));
    CHECK(broker->metrics().total(broker::Count::publish_refused) == 1);
    SECTION("and the identifier is free again") {
      bob.send(publish("other", "x").qos(2).id(1));
      bob.expect(pubrec(1));
      bob.send(pubrel(1));
      bob.expect(pubcomp(1));
      witness.expect(publish("other", "x").qos(1).id(1));
    }
  }
  SECTION("the right was given back meanwhile") {
    broker.reconfigure(rules("topic readwrite other\n"));
    broker.reconfigure(rules("topic readwrite #\n"));
    bob.send(pubrel(1));
    bob.expect(pubcomp(1));
    witness.expect(publish("t", "held").qos(1).id(1));
  }
  SECTION("another user has come for the session, who may not") {
    bob.close();
    Peer other = broker.peer();
    other.send(connect("bob").v5().clean(false).user("alice").password("wonder"));
    CHECK(other.receive<mqtt::Connack>()->session_present);
    other.send(pubrel(1));
    other.expect(pubcomp(1));
  }
  witness.expect_nothing();
}

TEST_CASE("a reload sends away who would not be let in any more, and nobody else") {
  const Files files;
  BrokerFixture broker(GENERATE(1U, 4U), files.passwords(files.bob + files.alice));
  Peer witness = subscriber(broker, as("alice", "wonder"));
  Peer bob = broker.peer();
  bob.open(as("bob", "secret").will("will", "gone", 1));
  Peer anonymous = broker.peer();
  anonymous.open(connect("x").v5());
  SECTION("a user who is gone") {
    broker.reconfigure(files.passwords(files.alice));
  }
  SECTION("a password that is another") {
    broker.reconfigure(files.passwords(files.alice + "bob:" + hash_of("other") + "\n"));
  }
  bob.expect(disconnect(0x87));
  bob.expect_closed();
  anonymous.expect_nothing();
  witness.expect_nothing();  // not even the Will
}

TEST_CASE("a reload that forbids clients without a name sends them away") {
  const Files files;
  BrokerFixture broker(1, files.passwords(files.bob));
  Peer bob = broker.peer();
  bob.open(as("bob", "secret"));
  Peer old = broker.peer();
  old.open(connect("old"));
  broker.reconfigure("listener_allow_anonymous false\n" + files.passwords(files.bob));
  old.expect_closed();
  bob.expect_nothing();
}

TEST_CASE("a reload with files that are not in order changes nothing") {
  const Files files;
  BrokerFixture broker(1, files.passwords(files.bob));
  Peer bob = broker.peer();
  bob.open(as("bob", "secret"));
  broker::Config config = broker->config();
  config.acl_file = files.folder.file("acl", "what\n");
  const auto refused = broker->reconfigure(config);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().front(), Catch::Contains("acl:1: "));
  CHECK(broker->config().acl_file.empty());
  bob.expect_nothing();
  broker.peer().open(as("bob", "secret"));
}

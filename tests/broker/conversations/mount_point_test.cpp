/// Clients whose listener has a mount point, beside those of one that has none.

#include <catch2/catch.hpp>
#include <string>

#include "support/broker_fixture.h"
#include "support/scratch_folder.h"

using namespace test;
using mqtt::PropertyId;

namespace {

/// The first listener has no mount point, the second `mount_point`.
struct Houses {
  explicit Houses(const std::string& mount_point = "home/", const std::string& more = {})
      : broker(GENERATE(1U, 4U),
               more + "listener 1884 127.0.0.1\nmount_point " + mount_point + "\n") {}

  Peer outside(const char* name = "outside") {
    Peer peer = broker.peer();
    peer.open(connect(name).v5());
    return peer;
  }
  Peer inside(const ConnectBuilder& connect) {
    Peer peer(broker->port(1));
    peer.open(connect);
    return peer;
  }
  Peer inside(const char* name = "inside") { return inside(connect(name).v5()); }

  BrokerFixture broker;
};

void subscribe_to(Peer& peer, const char* filter, int qos = 1) {
  peer.send(subscribe(1, filter, qos));
  peer.expect(suback(1, {qos}));
}

/// And waits until it is routed.
void publish_to(Peer& peer, const char* topic, const char* payload) {
  peer.send(publish(topic, payload).qos(1).id(7));
  peer.receive<mqtt::Puback>();
}

}  // namespace

TEST_CASE("topics of a mounted listener begin with its mount point for others") {
  Houses houses;
  Peer outside = houses.outside();
  subscribe_to(outside, "#");
  Peer inside = houses.inside();
  publish_to(inside, "a/b", "x");
  outside.expect(publish("home/a/b", "x").qos(1).id(1));
  SECTION("whatever they begin with inside") {
    publish_to(inside, "$SYS/x", "y");
    outside.expect(publish("home/$SYS/x", "y").qos(1).id(2));
  }
  SECTION("those of Wills too") {
    Peer mortal = houses.inside(connect("mortal").v5().will("w", "gone", 1));
    mortal.close();
    outside.expect(publish("home/w", "gone").qos(1).id(2));
  }
}

TEST_CASE("clients of a mounted listener see their part of the topics, without the mount point") {
  Houses houses;
  Peer outside = houses.outside();
  Peer inside = houses.inside();
  SECTION("everything in it") {
    Peer second = houses.inside("second");
    Peer other = houses.outside("other");
    for (Peer* peer : {&inside, &second, &other}) subscribe_to(*peer, "#");
    publish_to(outside, "street", "x");
    publish_to(outside, "home/a", "y");
    other.expect(publish("street", "x").qos(1).id(1));
    other.expect(publish("home/a", "y").qos(1).id(2));
    inside.expect(publish("a", "y").qos(1).id(1));
    second.expect(publish("a", "y").qos(1).id(1));
    inside.expect_nothing();
  }
  SECTION("their own as they wrote it") {
    subscribe_to(inside, "a/+");
    inside.send(publish("a/b", "x").qos(1).id(7));
    inside.expect(publish("a/b", "x").qos(1).id(1));
    inside.expect(puback(7));
  }
  SECTION("what is retained there") {
    outside.send(publish("home/r", "kept").retain().qos(1).id(1));
    outside.receive<mqtt::Puback>();
    subscribe_to(inside, "r");
    inside.expect(publish("r", "kept").retain().qos(1).id(1));
  }
  SECTION("with topic aliases, too") {
    Peer aliased = houses.inside(connect("aliased").v5().with(PropertyId::topic_alias_maximum, 5));
    subscribe_to(aliased, "a", 0);
    for (int i = 0; i < 2; ++i) publish_to(outside, "home/a", "x");
    aliased.expect(publish("a", "x").with(PropertyId::topic_alias, 1));
    aliased.expect(publish("", "x").with(PropertyId::topic_alias, 1));
  }
  SECTION("not what has no name there") {
    subscribe_to(inside, "#");  // home/# is home as well
    publish_to(outside, "home", "x");
    publish_to(outside, "home/", "y");
    publish_to(outside, "home/a", "z");
    inside.expect(publish("a", "z").qos(1).id(1));
    inside.expect_nothing();
  }
}

// [MQTT-4.7.2-1]
TEST_CASE(
    "a filter that begins with a wildcard does not reach a dollar sign behind the mount point") {
  Houses houses;
  Peer outside = houses.outside();
  const char* const filter = GENERATE("#", "+/x", "$share/group/#");
  Peer inside = houses.inside();
  SECTION("in what is published") {
    Peer witness = houses.outside("witness");
    subscribe_to(witness, "home/+/x");
    subscribe_to(inside, filter);
    Peer publisher = houses.inside("publisher");
    publish_to(publisher, "$SYS/x", "hidden");
    publish_to(publisher, "a/x", "seen");
    witness.expect(publish("home/$SYS/x", "hidden").qos(1).id(1));  // an ordinary level for it
    witness.expect(publish("home/a/x", "seen").qos(1).id(2));
    inside.expect(publish("a/x", "seen").qos(1).id(1));
    inside.expect_nothing();
  }
  SECTION("in what is retained") {
    outside.send(publish("home/$SYS/x", "hidden").retain().qos(1).id(1));
    outside.receive<mqtt::Puback>();
    subscribe_to(inside, filter);
    inside.expect_nothing();
  }
  SECTION("and its publisher is told that nobody receives it") {
    subscribe_to(inside, filter);
    outside.send(publish("home/$SYS/x", "hidden").qos(1).id(1));
    outside.expect(puback(1, 0x10));
  }
}

TEST_CASE("a filter that names the dollar sign behind the mount point reaches it") {
  Houses houses;
  Peer outside = houses.outside();
  outside.send(publish("home/$SYS/r", "kept").retain().qos(1).id(1));
  outside.receive<mqtt::Puback>();
  Peer inside = houses.inside();
  subscribe_to(inside, "$SYS/+");
  inside.expect(publish("$SYS/r", "kept").retain().qos(1).id(1));
  publish_to(outside, "home/$SYS/x", "y");
  inside.expect(publish("$SYS/x", "y").qos(1).id(2));
}

TEST_CASE("an unsubscription finds the subscription below the mount point") {
  Houses houses;
  Peer outside = houses.outside();
  Peer inside = houses.inside();
  subscribe_to(inside, "a");
  inside.send(unsubscribe(2, {"a"}));
  CHECK(inside.receive<mqtt::Unsuback>()->reasons.front() == mqtt::ReasonCode::success);
  publish_to(outside, "home/a", "x");
  inside.expect_nothing();
}

TEST_CASE("a shared subscription shares what is below the mount point") {
  Houses houses;
  Peer outside = houses.outside();
  Peer one = houses.inside("one");
  Peer two = houses.outside("two");
  subscribe_to(one, "$share/group/a");
  subscribe_to(two, "$share/group/home/a");  // the same group
  publish_to(outside, "home/a", "1");
  publish_to(outside, "home/a", "2");
  one.receive<mqtt::Publish>();
  two.receive<mqtt::Publish>();
  one.expect_nothing();
  two.expect_nothing();
}

TEST_CASE("what is no filter or topic below the mount point is refused") {
  Houses houses("home");
  SECTION("a filter") {
    Peer inside = houses.inside();
    inside.send(subscribe(1, "#", 1));
    inside.expect(suback(1, {0x8F}));
    Peer old = houses.inside(connect("old"));
    old.send(subscribe(1, "+/a", 1));
    old.expect(suback(1, {0x80}));
    subscribe_to(old, "a/#");
  }
  SECTION("a topic") {
    Peer inside = houses.inside();
    inside.send(publish(std::string(65535, 'x').c_str(), "x").qos(1).id(1));
    inside.expect(disconnect(0x90));
    inside.expect_closed();
  }
  SECTION("a Will") {
    Peer inside(houses.broker->port(1));
    inside.send(connect("x").v5().will(std::string(65535, 'x').c_str(), "x"));
    inside.expect(connack(0x90));
    inside.expect_closed();
  }
}

TEST_CASE("an ACL file speaks of whole topics") {
  const ScratchFolder folder;
  const std::string acl =
      folder.file("acl", "topic read #\ntopic write home/open\ntopic write shut\n");
  Houses houses("home/", "acl_file " + acl + "\n");
  Peer inside = houses.inside();
  inside.send(publish("open", "x").qos(1).id(1));
  inside.expect(puback(1, 0x10));
  inside.send(publish("shut", "x").qos(1).id(2));
  inside.expect(puback(2, 0x87));
}

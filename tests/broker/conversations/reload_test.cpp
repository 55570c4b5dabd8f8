/// What a reload means for clients that are there, and for those that come afterwards: listeners
/// that come, go and change, and limits.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <string>

#include "broker/storm/crowd.h"
#include "config/config_parser.h"
#include "config/reload.h"
#include "support/broker_fixture.h"
#include "support/memory_source.h"
#include "support/scratch_folder.h"
#include "support/socket_client.h"

using namespace test;
using mqtt::PropertyId;
using std::chrono::seconds;

namespace {

constexpr int administrative_action = 0x98;

bool somebody_listens(std::uint16_t port) {
  try {
    SocketClient client(port);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

broker::Config changed(BrokerFixture& broker, const std::function<void(broker::Config&)>& change) {
  broker::Config config = broker->config();
  change(config);
  return config;
}

void reconfigure(BrokerFixture& broker, const std::function<void(broker::Config&)>& change) {
  const auto done = broker->reconfigure(changed(broker, change));
  INFO((done ? std::string() : done.error().front()));
  REQUIRE(done);
}

ConnectBuilder durable(const char* id) {
  return connect(id).v5().clean(false).with(PropertyId::session_expiry_interval, 1000);
}

Peer opened(Peer peer, const ConnectBuilder& connect) {
  peer.open(connect);
  return peer;
}

void expect_refused(Peer peer, const ConnectBuilder& connect, int reason) {
  peer.send(connect);
  peer.expect(connack(reason));
  peer.expect_closed();
}

/// Two listeners; the second is another one than the first also by its host.
constexpr const char* second_listener = "listener 1884 127.1\n";

}  // namespace

TEST_CASE("a reload opens a listener that is new, and disturbs nobody") {
  BrokerFixture broker(GENERATE(1U, 4U));
  Peer old = opened(broker.peer(), connect("old").v5());
  const std::uint16_t port = broker.port();
  broker.reconfigure(second_listener);
  CHECK(broker.port(0) == port);
  Peer fresh = opened(broker.peer(1), connect("new").v5());
  fresh.send(subscribe(1, "t", 1));
  fresh.expect(suback(1, {1}));
  old.send(publish("t", "x").qos(1).id(1));
  old.expect(puback(1));
  fresh.expect(publish("t", "x").qos(1).id(1));
  broker.peer().open(connect("another"));
}

TEST_CASE("a reload closes a listener that has gone from the file, and sends its clients away") {
  BrokerFixture broker(GENERATE(1U, 4U), second_listener);
  Peer witness = opened(broker.peer(), connect("witness").v5());
  witness.send(subscribe(1, "#", 1));
  witness.expect(suback(1, {1}));
  Peer v5 = opened(broker.peer(1), durable("v5").will("will", "gone", 1));
  v5.send(subscribe(1, "queue", 1));
  v5.expect(suback(1, {1}));
  Peer v311 = opened(broker.peer(1), connect("v311"));
  Peer silent = broker.peer(1);
  const std::uint16_t port = broker.port(1);
  broker.reconfigure("");
  v5.expect(disconnect(administrative_action));
  v5.expect_closed();
  v311.expect_closed();
  silent.expect_closed();
  CHECK_FALSE(somebody_listens(port));
  witness.expect(publish("will", "gone").qos(1).id(1));
  witness.send(puback(1));
  SECTION("their sessions live on, and can be continued by another one") {
    witness.send(publish("queue", "kept").qos(1).id(1));
    witness.expect(publish("queue", "kept").qos(1).id(2));
    witness.expect(puback(1));
    Peer back = broker.peer();
    back.send(durable("v5"));
    const auto answer = back.receive<mqtt::Connack>();
    CHECK(answer->session_present);
    back.expect(publish("queue", "kept").qos(1).id(1));
  }
  SECTION("it can come back") {
    broker.reconfigure(second_listener);
    broker.peer(1).open(connect("x").v5());
  }
}

TEST_CASE("listeners keep what is theirs when others go") {
  BrokerFixture broker(GENERATE(1U, 4U), std::string(second_listener) +
                                             "max_connections 2\nmax_topic_alias 7\n"
                                             "listener 1885 127.0.1\nmax_connections 1\n");
  Peer first = opened(broker.peer(1), connect("first").v5());
  Peer third = opened(broker.peer(2), connect("third").v5());
  reconfigure(broker,
              [](broker::Config& config) { config.listeners.erase(config.listeners.begin()); });
  // What was the second listener is the first of the file now, and so on.
  SECTION("their connections are counted") {
    Peer second = opened(broker.peer(0), connect("second").v5());
    broker.peer(0).expect_closed();
    broker.peer(1).expect_closed();
    second.close();
    while (true) {  // until the place is free again
      SocketClient client(broker.port(0));
      if (client.open(connect("next"))) break;
    }
  }
  SECTION("their settings are read by the order of the file") {
    reconfigure(broker, [](broker::Config& config) {
      std::swap(config.listeners[0], config.listeners[1]);
      config.listeners[0].max_connections = 0;
    });
    opened(broker.peer(0), connect("fourth").v5());
    Peer second = broker.peer(1);
    second.send(connect("second").v5());
    CHECK(second.receive<mqtt::Connack>()->properties.number(PropertyId::topic_alias_maximum) ==
          7U);
  }
  first.expect_nothing();
  third.expect_nothing();
}

TEST_CASE("a listener with another protocol or other sockets is opened anew") {
  BrokerFixture broker(GENERATE(1U, 4U), std::string(second_listener));
  Peer there = opened(broker.peer(1), connect("there").v5());
  Peer other = opened(broker.peer(0), connect("other").v5());
  SECTION("websockets") {
    broker.reconfigure(std::string(second_listener) + "protocol websockets");
    SocketClient plain(broker.port(1));
    plain.send(connect("x"));
    CHECK(plain.receive().what != SocketClient::Arrival::packet);
  }
  SECTION("one family of addresses") {
    broker.reconfigure(std::string(second_listener) + "socket_domain ipv4");
    broker.peer(1).open(connect("x").v5());
  }
  SECTION("one interface") {
    broker.reconfigure(std::string(second_listener) + "bind_interface lo");
    broker.peer(1).open(connect("x").v5());
  }
  there.expect(disconnect(administrative_action));
  there.expect_closed();
  other.expect_nothing();
}

TEST_CASE("an address changes hands without a gap") {
  BrokerFixture broker(GENERATE(1U, 4U), std::string(second_listener));
  const std::uint16_t port = broker.port(1);
  Peer there = opened(broker.peer(1), connect("there").v5());
  const char* host = GENERATE("127.1", "127.0.0.1", "0.0.0.0");
  // The same address, or one that overlaps with it.
  reconfigure(broker, [&](broker::Config& config) {
    config.listeners[1].host = host;
    config.listeners[1].port = port;
  });
  CHECK(broker.port(1) == port);
  there.expect(disconnect(administrative_action));
  there.expect_closed();
  broker.peer(1).open(connect("x").v5());
}

TEST_CASE("a reload that needs a port which is taken is refused as a whole") {
  BrokerFixture broker(GENERATE(1U, 4U), std::string(second_listener));
  BrokerFixture other(1);
  Peer there = opened(broker.peer(1), connect("there").v5());
  const auto refused = broker->reconfigure(changed(broker, [&](broker::Config& config) {
    config.limits.message_size_limit_bytes = 1;
    config.listeners.pop_back();
    for (const std::uint16_t port : {std::uint16_t{0}, other.port()}) {
      config.listeners.emplace_back().host = "127.0.0.1";
      config.listeners.back().port = port;
    }
  }));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 1);
  CHECK_THAT(refused.error().front(),
             Catch::StartsWith("listener " + std::to_string(other.port()) + " 127.0.0.1: ") &&
                 Catch::Contains("address already in use"));
  CHECK(broker->config().listeners.size() == 2);
  there.send(publish("t", "long").qos(1).id(1));
  there.expect(puback(1, 0x10));
  broker.peer(1).open(connect("x").v5());
}

TEST_CASE("all that is wrong with a configuration is told at once") {
  const ScratchFolder folder;
  BrokerFixture broker;
  BrokerFixture other(1);
  const auto refused = broker->reconfigure(changed(broker, [&](broker::Config& config) {
    config.acl_file = folder.file("acl", "what\n");
    config.password_file = folder.file("none", "") + "-at-all";
    config.listeners[0].tls.certificate_file = "no-certificate";
    config.listeners[0].tls.key_file = "no-key";
    config.listeners.emplace_back().host = "127.0.0.1";
    config.listeners.back().port = other.port();
  }));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 5);
  CHECK_THAT(refused.error()[0], Catch::Contains("none-at-all: "));
  CHECK_THAT(refused.error()[1], Catch::Contains("acl:1: "));
  CHECK_THAT(refused.error()[2], Catch::Contains("certfile no-certificate: "));
  CHECK_THAT(refused.error()[3], Catch::Contains("keyfile no-key: "));
  CHECK_THAT(refused.error()[4], Catch::Contains("address already in use"));
  broker.peer().open(connect("x").v5());
}

TEST_CASE("a Unix socket comes and goes with its file") {
  const ScratchFolder folder;
  const std::string path = (folder.path() / "socket").string();
  BrokerFixture broker(1);
  const auto add = [&](broker::Config& config) {
    config.listeners.emplace_back().unix_path = path;
    config.listeners.back().port = 0;
  };
  reconfigure(broker, add);
  CHECK(std::filesystem::exists(path));
  const auto refused = broker->reconfigure(changed(broker, add));  // twice
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 1);
  CHECK_THAT(refused.error().front(),
             Catch::StartsWith("listener 0 " + path + ": address already in use"));
  const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  broker.reconfigure("");
  CHECK_FALSE(std::filesystem::exists(path));
  char byte = 0;
  CHECK(::recv(client, &byte, 1, 0) <= 0);  // reset, if it was not even accepted
  ::close(client);
}

TEST_CASE("local-only mode is left and entered by a reload") {
  const auto local_config = [](const broker::Config& running) {
    broker::MemorySource no_files;
    broker::ConfigParser parser(no_files);
    parser.parse("test.conf", "log_dest none\nsys_interval 0");
    broker::Config config = std::move(parser).finish({})->config;
    config.workers = running.workers;
    for (broker::ListenerConfig& listener : config.listeners) listener.port = 0;
    return config;
  };
  BrokerFixture broker(1, "listener_allow_anonymous false");
  expect_refused(broker.peer(), connect("nobody").v5(), 0x87);
  const broker::Config open = broker->config();
  const broker::Config local = local_config(open);
  REQUIRE(broker->reconfigure(broker::plan_reload(open, local).config));
  CHECK(broker->config().local_only);
  Peer there = opened(broker.peer(0), connect("nobody").v5());
  REQUIRE(broker->reconfigure(broker::plan_reload(broker->config(), open).config));
  // 127.0.0.1 with port 0 goes by the same name in both, so its clients are asked again who they
  // are.
  there.expect(disconnect(0x87));
  there.expect_closed();
  expect_refused(broker.peer(), connect("nobody").v5(), 0x87);
}

TEST_CASE("an absent session is judged by the rules of its listener, whatever becomes of others") {
  const ScratchFolder folder;
  const std::string rules = "acl_file " + folder.file("rules", "topic write #\ntopic read open\n");
  const std::string before = "per_listener_settings true\n";
  const std::string strict = "allow_anonymous true\n" + rules + "\n";
  BrokerFixture broker(GENERATE(1U, 4U), second_listener + strict, {}, before);
  Peer reader = opened(broker.peer(1), durable("reader").will("shut", "will", 1));
  reader.send(subscribe(1, "#", 1));
  reader.expect(suback(1, {1}));
  Peer writer = opened(broker.peer(0), connect("writer").v5());
  const auto send_both = [&] {
    for (const char* topic : {"shut", "open"}) {
      writer.send(publish(topic, "x").qos(1).id(1));
      writer.receive<mqtt::Puback>();
    }
  };
  const auto expect_open_only = [&](Peer back) {
    back.send(durable("reader"));
    CHECK(back.receive<mqtt::Connack>()->session_present);
    back.expect(publish("open", "x").qos(1).id(1));
    back.expect_nothing();
  };
  SECTION("that is gone") {
    broker.reconfigure("");
    std::filesystem::remove(folder.path() / "rules");
    broker.reconfigure("sys_interval 0");  // its file is not asked for any more
    send_both();
    expect_open_only(broker.peer(0));  // where there are no rules
  }
  SECTION("that is opened anew with other rules") {
    folder.file("rules", "topic write #\ntopic read shut\n");
    broker.reconfigure(second_listener + strict + "socket_domain ipv4\n");
    folder.file("rules", "topic write #\ntopic read open\n");
    broker.reconfigure(second_listener + strict + "socket_domain ipv4\n");
    send_both();
    expect_open_only(broker.peer(1));
  }
  SECTION("when one before it goes") {
    reader.close();
    reconfigure(broker, [](broker::Config& config) {
      broker::ListenerConfig other = config.listeners[0];
      other.host = "127.0.1";
      config.listeners.push_back(other);
    });
    writer = opened(broker.peer(2), connect("other writer").v5());
    reconfigure(broker,
                [](broker::Config& config) { config.listeners.erase(config.listeners.begin()); });
    send_both();
    expect_open_only(broker.peer(0));
  }
}

// --- Limits

TEST_CASE("what CONNACK promised holds for the length of a connection") {
  BrokerFixture broker(1);
  Peer there = opened(broker.peer(), connect("there").v5());
  Peer old = opened(broker.peer(), connect("old").keepalive(100));
  broker.reconfigure(
      "max_qos 1\nretain_available false\nmax_packet_size 60\nmax_inflight_messages 1\n"
      "max_keepalive 10\nmax_topic_alias 0\nmax_topic_alias_broker 0");
  // As before, for those who are there.
  for (Peer* peer : {&there, &old}) {
    peer->send(publish("t", std::string(100, 'x')).qos(2).retain().id(1));
    peer->send(publish("t", "x").qos(2).id(2));
    peer->expect(pubrec(1));
    peer->expect(pubrec(2));
    peer->send(pubrel(1));
    peer->expect(pubcomp(1));
    peer->send(subscribe(3, "other", 2));
    peer->expect(suback(3, {2}));
  }
  // Otherwise for those who come.
  Peer fresh = broker.peer();
  fresh.send(connect("fresh").v5().keepalive(100));
  const auto answer = fresh.receive<mqtt::Connack>();
  const auto told = [&](PropertyId id) { return answer->properties.number(id).value_or(9999); };
  CHECK(told(PropertyId::maximum_qos) == 1);
  CHECK(told(PropertyId::retain_available) == 0);
  CHECK(told(PropertyId::maximum_packet_size) == 60);
  CHECK(told(PropertyId::receive_maximum) == 1);
  CHECK(told(PropertyId::server_keep_alive) == 10);
  CHECK(told(PropertyId::topic_alias_maximum) == 9999);
  SECTION("no QoS above the new one") {
    fresh.send(subscribe(1, "other", 2));
    fresh.expect(suback(1, {1}));
    fresh.send(publish("t", "x").qos(2).id(1));
    fresh.expect(disconnect(0x9B));
  }
  SECTION("no retained message") {
    fresh.send(publish("t", "x").retain());
    fresh.expect(disconnect(0x9A));
  }
  SECTION("no larger packet") {
    fresh.send(publish("t", std::string(100, 'x')));
    fresh.expect(disconnect(0x95));
  }
  SECTION("what is retained stays") {
    fresh.send(subscribe(1, "t", 0));
    fresh.expect(suback(1, {0}));
    fresh.expect(publish("t", std::string(100, 'x')).retain());
  }
  SECTION("no longer keepalive of an older client") {
    Peer other = broker.peer();
    other.send(connect("x").keepalive(100));
    other.expect("20 02 00 02");
    other.expect_closed();
  }
}

TEST_CASE("the window of a session changes with its next connection") {
  BrokerFixture broker(1, "max_inflight_messages 1");
  Peer writer = opened(broker.peer(), connect("writer").v5());
  Peer reader = opened(broker.peer(), connect("reader").clean(false));
  reader.send(subscribe(1, "t", 1));
  reader.expect(suback(1, {1}));
  broker.reconfigure("max_inflight_messages 2");
  for (std::uint16_t i = 1; i <= 3; ++i) {
    writer.send(publish("t", std::to_string(i)).qos(1).id(i));
    writer.expect(puback(i));
  }
  reader.expect(publish("t", "1").qos(1).id(1));
  reader.expect_nothing();
  reader.close();
  reader = opened(broker.peer(), connect("reader").clean(false));
  reader.expect(publish("t", "1").qos(1).id(1).dup());
  reader.expect(publish("t", "2").qos(1).id(2));
  reader.expect_nothing();
}

TEST_CASE("limits of flows and queues hold at once, for what comes from then on") {
  BrokerFixture broker(1, "max_inflight_messages 1\nmax_queued_messages 4");
  Peer writer = opened(broker.peer(), connect("writer").v5());
  Peer reader = opened(broker.peer(), durable("reader"));
  reader.send(subscribe(1, "t", 1));
  reader.expect(suback(1, {1}));
  reader.close();
  int number = 0;
  const auto send = [&](int count) {
    for (int i = 0; i < count; ++i) {
      writer.send(publish("t", std::to_string(++number)).qos(1).id(1));
      writer.expect(puback(1));
    }
  };
  const auto queued = [&] { return broker->metrics().total(broker::Count::queued_messages); };
  const auto dropped = [&] { return broker->metrics().total(broker::DropReason::queue_full); };
  send(5);
  CHECK(queued() == 4);
  CHECK(dropped() == 1);
  SECTION("a longer queue") {
    broker.reconfigure("max_queued_messages 6");
    send(5);
    CHECK(queued() == 6);
  }
  SECTION("a shorter one keeps what is in it") {
    broker.reconfigure("max_queued_messages 2");
    send(1);
    CHECK(queued() == 4);
    CHECK(dropped() == 2);
  }
  SECTION("a shorter one that drops old messages shrinks with the next") {
    broker.reconfigure("max_queued_messages 2\nqueue_overflow drop_old");
    CHECK(queued() == 4);
    send(1);
    CHECK(queued() == 2);
  }
  SECTION("bytes") {
    broker.reconfigure("max_queued_messages 0\nmax_queued_bytes 6");
    send(5);
    CHECK(queued() == 6);
  }
  CHECK(eventually([&] { return broker->metrics().unaccounted() == 0; }));
}

TEST_CASE("a larger max_inflight_bytes lets waiting messages go at once") {
  BrokerFixture broker(1, "max_inflight_bytes 1");
  Peer writer = opened(broker.peer(), connect("writer").v5());
  Peer reader = opened(broker.peer(), connect("reader").v5());
  reader.send(subscribe(1, "t", 1));
  reader.expect(suback(1, {1}));
  for (std::uint16_t i = 1; i <= 3; ++i) {
    writer.send(publish("t", "x").qos(1).id(i));
    writer.expect(puback(i));
  }
  reader.expect(publish("t", "x").qos(1).id(1));
  reader.expect_nothing();
  broker.reconfigure("max_inflight_bytes 2");
  reader.expect(publish("t", "x").qos(1).id(2));
  reader.expect_nothing();
  broker.reconfigure("");
  reader.expect(publish("t", "x").qos(1).id(3));
}

TEST_CASE("limits of clients, connections and subscriptions hold for those that are added") {
  BrokerFixture broker(1);
  Peer there = opened(broker.peer(), connect("there").v5());
  there.send(subscribe(1).filter("a", 0).filter("b", 0));
  there.expect(suback(1, {0, 0}));
  SECTION("subscriptions") {
    broker.reconfigure("max_subscriptions_per_client 1");
    there.send(subscribe(2).filter("a", 0).filter("c", 0));
    there.expect(suback(2, {0, 0x97}));
  }
  SECTION("sessions") {
    broker.reconfigure("global_max_clients 1");
    expect_refused(broker.peer(), connect("x").v5(), 0x89);
    broker.reconfigure("global_max_clients 2");
    broker.peer().open(connect("x").v5());
  }
  SECTION("connections of the broker") {
    broker.reconfigure("global_max_connections 1");
    broker.peer().expect_closed();
  }
  SECTION("connections of a listener") {
    broker.reconfigure("max_connections 1");
    broker.peer().expect_closed();
  }
  there.send(publish("a", "x"));
  there.expect(publish("a", "x"));
}

TEST_CASE("retain_expiry_interval begins, changes and ends with a reload") {
  BrokerFixture broker(1);
  const auto retain_for = [&](int lifetime_s) {
    Peer peer = opened(broker.peer(), connect("x").v5());
    peer.send(publish("t", "x").qos(1).id(1).retain().with(PropertyId::message_expiry_interval,
                                                           static_cast<unsigned>(lifetime_s)));
    peer.receive<mqtt::Puback>();
  };
  const auto figures = [&] {
    Peer peer = opened(broker.peer(), connect("figures").v5());
    peer.send(subscribe(1, "$SYS/broker/retained messages/count", 0));
    peer.expect(suback(1, {0}));
    const auto count = peer.receive<mqtt::Publish>();
    return std::string(mqtt::as_text(count->payload));
  };
  broker.reconfigure("sys_interval 1");
  broker.advance(seconds(2));
  const int before = std::stoi(figures());
  retain_for(10);
  broker.advance(seconds(3600));
  CHECK(std::stoi(figures()) > before);
  broker.reconfigure("sys_interval 1\nretain_expiry_interval 1");
  broker.advance(seconds(62));
  broker.advance(seconds(2));
  const int after = std::stoi(figures());
  CHECK(after <= before + 3);  // of which are figures that have changed
}

TEST_CASE("sys_interval holds at once") {
  BrokerFixture broker(1);
  Peer peer = opened(broker.peer(), connect("x").v5());
  peer.send(subscribe(1, "$SYS/broker/version", 0));
  peer.expect(suback(1, {0}));
  peer.expect_nothing();
  broker.reconfigure("sys_interval 3600");
  CHECK(mqtt::as_text(peer.receive<mqtt::Publish>()->payload).starts_with("mqtt-broker version"));
  peer.send(subscribe(2, "$SYS/broker/uptime", 0));
  peer.expect(suback(2, {0}));
  CHECK(peer.receive<mqtt::Publish>()->retain);
  broker.reconfigure("sys_interval 1");
  broker.advance(seconds(2));
  CHECK(peer.receive<mqtt::Publish>()->topic == "$SYS/broker/uptime");
}

#include "net/opening.h"

#include <catch2/catch.hpp>

#include "broker/net/connection_rooms.h"
#include "support/packet_builders.h"

namespace {

using mqtt::PropertyId;
using test::ConnectionRooms;
using test::FarEnd;

constexpr auto accepted =
    "CONNACK 0x00 [topic-alias-maximum=10 maximum-packet-size=2000000 receive-maximum=20]\n";
constexpr auto resumed =
    "CONNACK session-present 0x00 [topic-alias-maximum=10 maximum-packet-size=2000000 "
    "receive-maximum=20]\n";

// --- CONNACK and the journal

test::ConnectBuilder durable(const std::string& id) {
  return test::connect(id).v5().clean(false).with(PropertyId::session_expiry_interval, 60);
}

TEST_CASE("CONNACK waits until what the CONNECT changed is kept") {
  ConnectionRooms rooms({}, /*with_journal=*/true);
  rooms.journal.note();
  FarEnd client(rooms);
  client.send(durable("client"));
  CHECK(client.heard().empty());
  CHECK(rooms.directory.session_count() == 1);

  SECTION("and what the client sent meanwhile follows") {
    client.send(test::subscribe(1, "t", 1));
    client.send(test::publish("t", "hello").qos(1).id(2));
    CHECK(client.heard().empty());
    rooms.journal.commit(1);
    CHECK(client.heard() == std::string(accepted) +
                                "SUBACK id=1 0x01\n"
                                "PUBLISH qos=1 topic='t' id=1 payload='hello'\n"
                                "PUBACK id=2 0x00\n");
  }
  SECTION("unless nothing was noted since") {
    rooms.journal.commit(1);
    CHECK(client.heard() == accepted);
    FarEnd other(rooms);
    other.send(durable("other"));
    CHECK(other.heard() == accepted);
  }
  SECTION("another connection may take the session over before") {
    FarEnd next(rooms);
    next.send(durable("client"));
    CHECK(client.heard() == "end\n");
    CHECK(next.heard().empty());
    rooms.journal.commit(1);
    CHECK(next.heard() == resumed);
  }
}

TEST_CASE("what is published for a session whose CONNACK waits comes behind it") {
  ConnectionRooms rooms({}, /*with_journal=*/true);
  FarEnd client(rooms);
  client.send(durable("client"));
  client.send(test::subscribe(1, "t", 1));
  CHECK(client.heard() == std::string(accepted) + "SUBACK id=1 0x01\n");
  FarEnd publisher(rooms);
  publisher.send(test::connect("publisher").v5());
  client.leave();

  rooms.journal.note();
  FarEnd again(rooms);
  again.send(durable("client"));
  publisher.send(test::publish("t", "news").qos(1).id(1));
  CHECK(again.heard().empty());
  rooms.journal.commit(1);
  CHECK(again.heard() == std::string(resumed) + "PUBLISH qos=1 topic='t' id=1 payload='news'\n");
}

TEST_CASE("a client that leaves before its CONNACK has opened a session, and left no Will") {
  ConnectionRooms rooms({}, /*with_journal=*/true);
  FarEnd watcher(rooms);
  watcher.send(test::connect("watcher").v5());
  watcher.send(test::subscribe(1, "will", 1));
  watcher.heard();
  FarEnd client(rooms);
  SECTION("before") {
    rooms.journal.note();
  }
  SECTION("not after") {}
  const bool is_acknowledged = rooms.journal.noted() == 0;
  client.send(durable("client").will("will", "gone", 1));
  client.leave();
  CHECK(rooms.directory.session_count() == 2);
  CHECK((watcher.heard() == "PUBLISH qos=1 topic='will' id=1 payload='gone'\n") == is_acknowledged);
}

// --- Another opening

/// How a connection that the broker itself has opened is let in: it sends CONNECT, and the CONNACK
/// opens its session.
class DialOpening final : public broker::Opening {
 public:
  static std::unique_ptr<broker::Opening> make(broker::Connection& connection,
                                               broker::OpeningState) {
    return std::make_unique<DialOpening>(connection);
  }
  explicit DialOpening(broker::Connection& connection) : connection_(connection) {}

  void on_open() override {
    connection_.set_protocol(mqtt::ProtocolVersion::v5, UINT32_MAX);
    const auto bytes = mqtt::encoded(test::connect("bridge").v5(), mqtt::ProtocolVersion::v5);
    connection_.stream().write(mqtt::ByteView(bytes));
  }
  std::string_view complaint_about(std::uint8_t) const override { return {}; }
  void on_packet(const mqtt::Frame& frame) override {
    const auto connack = mqtt::decode_connack(frame, mqtt::ProtocolVersion::v5);
    if (!connack || mqtt::is_error(connack->reason))
      return connection_.close(broker::Session::Departure::lost, "refused");
    auto& context = connection_.context().sessions;
    context.directory.claim("bridge", 0);
    broker::Session& session = *broker::open_session(context, "bridge", false)->session;
    broker::Session::Terms terms;
    terms.expiry_interval_s = UINT32_MAX;
    connection_.attach(session, std::move(terms));
    session.await_connack();
  }
  void on_session_kept() override { connection_.let_in(broker::Connection::Agreement()); }
  void on_malformed(const mqtt::Malformed& malformed) override {
    connection_.close(broker::Session::Departure::lost, malformed.detail);
  }
  void on_deadline() override {}
  void end() override {}
  Names names() const override { return {"bridge", {}}; }
  broker::OpeningState move_away() override { return {}; }

 private:
  broker::Connection& connection_;
};

/// What the server at the other end may send; it may not subscribe.
broker::PacketGate dial_gate() {
  broker::PacketGate gate = broker::client_gate;
  gate[static_cast<std::size_t>(mqtt::PacketType::subscribe)] = broker::handle_unexpected;
  gate[static_cast<std::size_t>(mqtt::PacketType::pingresp)] = [](broker::Connection&,
                                                                  const mqtt::Frame&) {};
  return gate;
}

struct Dialling : ConnectionRooms {
  Dialling() {
    dialled.connect({&dialled});
    worker.add_turn_end_task(dialled);
  }
  broker::PacketGate gate = dial_gate();
  broker::ConnectionContext context_of_dialled =
      connection_context(dialled, &DialOpening::make, gate);
  broker::ConnectionTable dialled{context_of_dialled};
};

TEST_CASE("a connection that the broker opened has another opening and another gate") {
  Dialling rooms;
  FarEnd server(rooms, rooms.dialled);
  CHECK(server.heard() == "CONNECT version=5 clean-start keep-alive=60 client-id='bridge'\n");
  server.send(test::connack());
  broker::Session* const session = rooms.sessions.find(rooms.directory.find("bridge"));
  REQUIRE(session != nullptr);
  CHECK(session->connected());

  SECTION("messages go both ways, as with any client") {
    FarEnd client(rooms);
    client.send(test::connect("client").v5());
    client.send(test::subscribe(1, "in/#", 1));
    client.heard();
    rooms.subscribe(*session, "out/#", mqtt::QoS::at_least_once);
    CHECK(server.heard() == "SUBACK id=1 0x01\n");

    client.send(test::publish("out/a", "hello").qos(1).id(7));
    CHECK(client.heard() == "PUBACK id=7 0x00\n");
    CHECK(server.heard() == "PUBLISH qos=1 topic='out/a' id=1 payload='hello'\n");
    server.send(test::puback(1));
    server.send(test::publish("in/b", "welcome").qos(2).id(3));
    CHECK(server.heard() == "PUBREC id=3 0x00\n");
    server.send(test::pubrel(3));
    CHECK(server.heard() == "PUBCOMP id=3 0x00\n");
    CHECK(client.heard() == "PUBLISH qos=1 topic='in/b' id=1 payload='welcome'\n");
  }
  SECTION("its gate decides what the other side may send") {
    server.send(test::pingresp());
    CHECK(server.heard().empty());
    server.send(test::subscribe(1, "#", 0));
    CHECK(server.heard() == "DISCONNECT 0x82\nend\n");
  }
}

}  // namespace

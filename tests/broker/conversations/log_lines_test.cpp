/// The lines of the log that programs parse. Every row of docs/log-lines.md is spoken here, and
/// nothing else is said that it does not list.

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "mqtt/credentials/password_hash.h"
#include "support/broker_fixture.h"
#include "support/log_file.h"

using namespace test;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

namespace {

/// What the broker wrote until its end, with P for the ports of clients, which differ each time.
Lines lines_of(BrokerFixture& broker, const LogFile& log) {
  broker.stop();
  static const std::regex port(R"((127\.0\.0\.1):\d+)");
  Lines lines = log.lines();
  for (std::string& line : lines) line = std::regex_replace(line, port, "$1:P");
  return lines;
}

bool has(const Lines& lines, const std::string& line) {
  for (const std::string& one : lines) UNSCOPED_INFO(one);
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

/// Whether these lines are there, one behind the other.
bool has_in_order(const Lines& lines, const Lines& wanted) {
  for (const std::string& one : lines) UNSCOPED_INFO(one);
  return std::search(lines.begin(), lines.end(), wanted.begin(), wanted.end()) != lines.end();
}

std::size_t count(const Lines& lines, const std::string& beginning) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&](const std::string& one) { return one.starts_with(beginning); }));
}

/// A log of everything. The other end of a connection is only certain to have been heard when it
/// has closed too.
struct Story {
  LogFile log;
  std::string all = log.config("all");

  static void leave(Peer& peer) {
    peer.send(disconnect());
    peer.expect_closed();
  }
  static void refuse(BrokerFixture& broker, const ConnectBuilder& connect) {
    Peer peer = broker.peer();
    peer.send(connect);
    peer.receive<mqtt::Connack>();
    peer.expect_closed();
  }
  /// `bytes` end the connection of a 5.0 client.
  static void break_a_rule(BrokerFixture& broker, const char* id, const mqtt::Packet& packet) {
    Peer peer = broker.peer();
    peer.open(connect(id).v5());
    peer.send(packet);
    peer.receive<mqtt::Disconnect>();
    peer.expect_closed();
  }
};

Lines coming_and_going() {
  Story story;
  BrokerFixture broker(1, story.all);
  Peer willing = broker.peer();
  willing.open(connect("a").user("bob").will("last/will", "bye", 1, true));
  Story::leave(willing);
  Peer plain = broker.peer();
  plain.open(connect("b").v5().clean(false).keepalive(7));
  plain.close();
  Peer bridge = broker.peer();
  // Protocol level 0x84: a bridge of 3.1.1.
  bridge.send("10 0d 0004 'MQTT' 84 02 0000 0001 'c'");
  bridge.expect(connack(0));
  Peer first = broker.peer();
  first.open(connect("d").v5());
  Peer second = broker.peer();
  second.open(connect("d").v5());
  first.receive<mqtt::Disconnect>();
  first.expect_closed();
  Story::leave(second);
  Story::leave(bridge);
  return lines_of(broker, story.log);
}

Lines refusals() {
  Story story;
  const mqtt::HashRecipe cheap{mqtt::HashScheme::pbkdf2_sha512, 10, 64, 1, 1};
  const auto hash = mqtt::PasswordHash::create(mqtt::as_bytes("open sesame"), cheap)->text();
  const std::string users = story.log.folder.file("users", "bob:" + hash + "\n");
  BrokerFixture broker(1, "listener_allow_anonymous false\npassword_file " + users +
                              "\nmax_keepalive 100" + story.all);
  Story::refuse(broker, connect("a").user("bob").password("guessed"));
  Story::refuse(broker, connect("b").v5().user("eve").password("guessed"));
  Story::refuse(broker, connect("c"));
  Story::refuse(broker, connect("d").user("bob").password("open sesame").keepalive(101));
  Story::refuse(broker, connect("e").user("bob"));
  Story::refuse(broker, connect("").clean(false).user("bob").password("open sesame"));
  return lines_of(broker, story.log);
}

Lines refused_too_often() {
  Story story;
  BrokerFixture broker(1, "max_keepalive 100" + story.all);
  for (int i = 0; i < 13; ++i) Story::refuse(broker, connect("fast").keepalive(101));
  broker.advance(seconds(1));
  Story::refuse(broker, connect("late").keepalive(101));
  return lines_of(broker, story.log);
}

Lines broken_rules() {
  Story story;
  BrokerFixture broker(
      1, "max_packet_size 100\nretain_available false\nmax_inflight_messages 1" + story.all);
  Story::break_a_rule(broker, "a", connack(0));
  Story::break_a_rule(broker, "b", publish("t", std::string(200, 'x')));
  Story::break_a_rule(broker, "c", publish("t", "x").retain());
  Story::break_a_rule(broker, "d", publish("t", "x").with(PropertyId::topic_alias, 200U));
  Peer flooding = broker.peer();
  flooding.open(connect("e").v5());
  flooding.send(publish("t", "1").qos(2).id(1));
  flooding.send(publish("t", "2").qos(2).id(2));
  flooding.receive<mqtt::Pubrec>();
  flooding.receive<mqtt::Disconnect>();
  flooding.expect_closed();
  Peer lost = broker.peer();
  lost.send("16 03 01");  // a TLS handshake
  lost.expect_closed();
  lost.close();
  Peer twice = broker.peer();
  twice.open(connect("f"));
  twice.send(connect("f"));
  twice.expect_closed();
  twice.close();
  Peer malformed = broker.peer();
  malformed.open(connect("g"));
  malformed.send("82 00");  // SUBSCRIBE of nothing
  malformed.expect_closed();
  malformed.close();
  Peer silent = broker.peer();
  silent.open(connect("h").keepalive(10));
  broker.advance(seconds(16));
  silent.expect_closed();
  return lines_of(broker, story.log);
}

Lines rules_broken_too_often() {
  Story story;
  BrokerFixture broker(1, story.all);
  for (int i = 0; i < 13; ++i) {
    Peer peer = broker.peer();
    peer.send("c0 00");
    peer.expect_closed();
  }
  broker.advance(seconds(1));
  Peer late = broker.peer();
  late.send("c0 00");
  late.expect_closed();
  return lines_of(broker, story.log);
}

Lines publishing() {
  Story story;
  const std::string rules =
      story.log.folder.file("rules", "topic readwrite open/#\ntopic read closed\n");
  BrokerFixture broker(1, "message_size_limit 5\nacl_file " + rules + story.all);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "open/#", 2));
  peer.expect(suback(1, {2}));
  peer.send(publish("open/0", "12345"));
  peer.expect(publish("open/0", "12345"));
  peer.send(publish("open/1", "1").qos(1).id(7).retain());
  peer.expect(publish("open/1", "1").qos(1).id(1));
  peer.expect(puback(7));
  peer.send(puback(1));
  peer.send(publish("open/2", "").qos(2).id(8).dup());
  peer.expect(pubrec(8));
  peer.send(pubrel(8));
  peer.expect(publish("open/2", "").qos(2).id(2));
  peer.expect(pubcomp(8));
  peer.send(pubrec(2));
  peer.expect(pubrel(2));
  peer.send(pubcomp(2));
  peer.send(publish("closed", "x").qos(1).id(9));
  peer.expect(puback(9, 0x87));
  peer.send(publish("open/0", "123456").qos(1).id(10));
  peer.expect(puback(10, 0x95));
  peer.expect_nothing();  // a PINGREQ
  Story::leave(peer);
  return lines_of(broker, story.log);
}

Lines subscribing() {
  Story story;
  BrokerFixture broker(1, "max_subscriptions_per_client 2" + story.all);
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1).filter("x/#", 1).filter("y", 0).filter("z", 2));
  peer.expect(suback(1, {1, 0, 0x97}));
  peer.send(unsubscribe(2).filter("x/#").filter("other"));
  peer.expect(unsuback(2, {0, 0x11}));
  Story::leave(peer);
  return lines_of(broker, story.log);
}

/// Asks once, and lets everyone in who is no wolf.
class Knock final : public broker::AuthenticationMethod {
  class Exchange final : public broker::AuthenticationExchange {
    void step(std::string_view data, Answer answer) override {
      if (data == "knock") return answer({ReasonCode::continue_authentication, "who?", {}});
      answer({data == "wolf" ? ReasonCode::not_authorized : ReasonCode::success, {}, "sheep"});
    }
  };
  std::unique_ptr<broker::AuthenticationExchange> begin(const broker::Credentials&) override {
    return std::make_unique<Exchange>();
  }
};

Lines enhanced_authentication() {
  Story story;
  broker::Broker::Parts parts;
  parts.methods.add("knock", std::make_unique<Knock>());
  BrokerFixture broker(1, story.all, std::move(parts));
  Peer peer = broker.peer();
  peer.send(connect("a")
                .v5()
                .with(PropertyId::authentication_method, "knock")
                .with(PropertyId::authentication_data, "knock"));
  peer.receive<mqtt::Auth>();
  const auto say = [&](int reason, const char* data) {
    peer.send(auth(reason)
                  .with(PropertyId::authentication_method, "knock")
                  .with(PropertyId::authentication_data, data));
  };
  say(0x18, "secret sheep");
  peer.receive<mqtt::Connack>();
  say(0x19, "wolf");
  peer.receive<mqtt::Disconnect>();
  peer.expect_closed();
  return lines_of(broker, story.log);
}

Lines denials() {
  Story story;
  const std::string rules =
      story.log.folder.file("rules", "topic read a\nuser bob\ntopic write b\n");
  BrokerFixture broker(1, "acl_file " + rules + story.all);
  Peer peer = broker.peer();
  peer.open(connect("a").v5().user("bob"));
  for (std::uint16_t id = 1; id <= 13; ++id) {
    peer.send(publish("c" + std::to_string(id), "x").qos(1).id(id));  // each is told once
    peer.expect(puback(id, 0x87));
  }
  broker.advance(seconds(1));
  Peer stranger = broker.peer();
  stranger.open(connect("b").v5());
  stranger.send(publish("c", "x").qos(1).id(1));
  stranger.expect(puback(1, 0x87));
  Lines lines = lines_of(broker, story.log);
  for (std::string& line : lines) {
    if (const auto at = line.find(rules); at != std::string::npos)
      line.replace(at, rules.size(), "rules");
  }
  return lines;
}

Lines sessions() {
  Story story;
  BrokerFixture broker(1, "max_queued_messages 1\npersistent_client_expiration 1h" + story.all);
  Peer away = broker.peer();
  away.open(connect("away").clean(false));
  away.send(subscribe(1, "t", 1));
  away.expect(suback(1, {1}));
  Story::leave(away);
  Peer peer = broker.peer();
  peer.open(connect("a").keepalive(0));
  for (std::uint16_t id = 1; id <= 3; ++id) {
    peer.send(publish("t", "x").qos(1).id(id));
    peer.expect(puback(id));
  }
  broker.advance(std::chrono::hours(2));
  peer.expect_nothing();
  return lines_of(broker, story.log);
}

}  // namespace

TEST_CASE("the log tells who comes and goes", "[log-lines]") {
  const Lines lines = coming_and_going();
  CHECK(has_in_order(lines, {"New connection from 127.0.0.1:P on port 0.",
                             "New client connected from 127.0.0.1:P as a (p4, c1, k60, u'bob').",
                             "Will message specified (3 bytes) (r1, q1).", "\tlast/will",
                             "Sending CONNACK to a (0, 0)", "Received DISCONNECT from a",
                             "Client a [127.0.0.1:P] disconnected."}));
  CHECK(has_in_order(lines, {"New connection from 127.0.0.1:P on port 0.",
                             "New client connected from 127.0.0.1:P as b (p5, c0, k7).",
                             "No will message specified.", "Sending CONNACK to b (0, 0)"}));
  CHECK(has(lines, "Client b [127.0.0.1:P] disconnected: connection closed by client."));
  CHECK(has(lines, "New bridge connected from 127.0.0.1:P as c (p4, c1, k0)."));
  CHECK(has_in_order(lines, {"Sending DISCONNECT to d (rc142)",
                             "Client d [127.0.0.1:P] disconnected: session taken over."}));
}

TEST_CASE("a refused CONNECT has a line that says why, its CONNACK and a closing line",
          "[log-lines]") {
  const Lines lines = refusals();
  CHECK(has_in_order(lines, {"New connection from 127.0.0.1:P on port 0.",
                             "Refused client a [127.0.0.1:P], user 'bob': wrong password.",
                             "Sending CONNACK to a (0, 5)",
                             "Client a [127.0.0.1:P] disconnected: not authorised."}));
  CHECK(has_in_order(lines, {"Refused client b [127.0.0.1:P], user 'eve': no such user.",
                             "Sending CONNACK to b (0, 135)",
                             "Client b [127.0.0.1:P] disconnected: not authorised."}));
  CHECK(has_in_order(lines, {"Refused client c [127.0.0.1:P]: anonymous clients are not allowed.",
                             "Sending CONNACK to c (0, 5)",
                             "Client c [127.0.0.1:P] disconnected: not authorised."}));
  CHECK(has_in_order(lines,
                     {"Refused client d [127.0.0.1:P], user 'bob': keep alive above max_keepalive.",
                      "Sending CONNACK to d (0, 2)",
                      "Client d [127.0.0.1:P] disconnected: keep alive above max_keepalive."}));
  CHECK(has(lines, "Refused client e [127.0.0.1:P], user 'bob': no password was sent."));
  CHECK(has(lines,
            "Refused client 127.0.0.1 [127.0.0.1:P]: an empty client identifier needs "
            "a clean session."));
  for (const std::string& line : lines) {  // what clients send to prove who they are is no news
    CAPTURE(line);
    CHECK(line.find("guessed") == std::string::npos);
    CHECK(line.find("sesame") == std::string::npos);
  }
}

TEST_CASE("lines about refused clients are bounded, their closing lines are not", "[log-lines]") {
  const Lines lines = refused_too_often();
  CHECK(count(lines, "Refused client fast ") == 10);
  CHECK(
      has_in_order(lines, {"3 more refused clients were not logged.",
                           "Refused client late [127.0.0.1:P]: keep alive above max_keepalive."}));
  CHECK(count(lines, "Client fast [127.0.0.1:P] disconnected: ") == 13);
}

TEST_CASE("a broken rule has a line of its own before the closing one", "[log-lines]") {
  const Lines lines = broken_rules();
  const auto closes = [&](const std::string& id, const std::string& reason,
                          const std::string& title, const std::string& detail) {
    return has_in_order(lines, {title + " from " + id + " [127.0.0.1:P]: " + detail + ".",
                                "Client " + id + " [127.0.0.1:P] disconnected: " + reason + "."});
  };
  CHECK(closes("a", "protocol error", "Protocol error",
               "packet that only a server sends, or of no known type"));
  CHECK(has(lines, "Client b [127.0.0.1:P] disconnected: oversize packet."));
  CHECK(count(lines, "Oversize packet from b [127.0.0.1:P]: ") == 1);
  CHECK(closes("c", "used disallowed feature (retain)", "Used disallowed feature (retain)",
               "retain is not available"));
  CHECK(closes("d", "topic alias invalid", "Topic alias invalid", "Topic Alias above the maximum"));
  CHECK(closes("e", "receive maximum exceeded", "Receive maximum exceeded",
               "Receive Maximum exceeded"));
  CHECK(closes("127.0.0.1", "protocol error", "Protocol error",
               "the first packet is not CONNECT; it looks like TLS"));
  CHECK(closes("f", "protocol error", "Protocol error", "second CONNECT"));
  CHECK(has(lines, "Client g [127.0.0.1:P] disconnected: malformed packet."));
  CHECK(count(lines, "Malformed packet from g [127.0.0.1:P]: ") == 1);
  CHECK(has(lines, "Client h [127.0.0.1:P] disconnected: exceeded timeout."));
  CHECK(has(lines, "Sending DISCONNECT to a (rc130)"));
}

TEST_CASE("lines about broken rules are bounded, their closing lines are not", "[log-lines]") {
  const Lines lines = rules_broken_too_often();
  CHECK(count(lines, "Protocol error from 127.0.0.1 ") == 11);
  CHECK(has(lines, "3 more protocol errors were not logged."));
  CHECK(count(lines, "Client 127.0.0.1 [127.0.0.1:P] disconnected: protocol error.") == 14);
}

TEST_CASE("debug lines show each PUBLISH and its acknowledgements, both ways", "[log-lines]") {
  const Lines lines = publishing();
  CHECK(
      has_in_order(lines, {"Received PUBLISH from a (d0, q0, r0, m0, 'open/0', ... (5 bytes))",
                           "Sending PUBLISH to a (d0, q0, r0, m0, 'open/0', ... (5 bytes))",
                           "Received PUBLISH from a (d0, q1, r1, m7, 'open/1', ... (1 bytes))",
                           "Sending PUBLISH to a (d0, q1, r0, m1, 'open/1', ... (1 bytes))",
                           "Sending PUBACK to a (m7, rc0)", "Received PUBACK from a (Mid: 1, RC:0)",
                           "Received PUBLISH from a (d1, q2, r0, m8, 'open/2', ... (0 bytes))",
                           "Sending PUBREC to a (m8, rc0)", "Received PUBREL from a (Mid: 8)",
                           "Sending PUBLISH to a (d0, q2, r0, m2, 'open/2', ... (0 bytes))",
                           "Sending PUBCOMP to a (m8)", "Received PUBREC from a (Mid: 2)",
                           "Sending PUBREL to a (m2)", "Received PUBCOMP from a (Mid: 2, RC:0)"}));
  CHECK(has_in_order(lines, {"Denied PUBLISH from a (d0, q1, r0, m9, 'closed', ... (1 bytes))",
                             "Sending PUBACK to a (m9, rc135)",
                             "Dropped too large PUBLISH from a (d0, q1, r0, m10, 'open/0', ... (6 "
                             "bytes))",
                             "Sending PUBACK to a (m10, rc149)", "Received PINGREQ from a",
                             "Sending PINGRESP to a"}));
  CHECK(count(lines, "Received PUBLISH") == 3);
}

TEST_CASE("debug lines show SUBSCRIBE and UNSUBSCRIBE with their filters", "[log-lines]") {
  const Lines lines = subscribing();
  CHECK(has_in_order(
      lines, {"Received SUBSCRIBE from a", "\tx/# (QoS 1)", "a 1 x/#", "\ty (QoS 0)", "a 0 y",
              "\tz (denied)", "Sending SUBACK to a", "Received UNSUBSCRIBE from a", "\tx/#",
              "a x/#", "\tother", "Sending UNSUBACK to a"}));
}

TEST_CASE("debug lines show AUTH with its method, never its data", "[log-lines]") {
  const Lines lines = enhanced_authentication();
  CHECK(has_in_order(lines,
                     {"Sending AUTH to a (rc24, knock)", "Received AUTH from a (rc24, knock)"}));
  CHECK(has_in_order(
      lines,
      {"Received AUTH from a (rc25, knock)",
       "Refused client a [127.0.0.1:P], user 'sheep': re-authentication failed.",
       "Sending DISCONNECT to a (rc135)", "Client a [127.0.0.1:P] disconnected: not authorised."}));
  for (const std::string& line : lines) CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("what rules deny is logged, at a bounded rate", "[log-lines]") {
  const Lines lines = denials();
  CHECK(
      has(lines, "Denied: client a (user bob) may not publish to c1: no rule of rules allows it."));
  CHECK(count(lines, "Denied: client a ") == 10);
  CHECK(
      has_in_order(lines, {"3 more denials were not logged.",
                           "Denied: client b may not publish to c: no rule of rules allows it."}));
}

TEST_CASE("a full queue and the end of a session are logged", "[log-lines]") {
  const Lines lines = sessions();
  CHECK(count(lines, "The queue of client away is full: messages for it are being dropped.") == 1);
  CHECK(has(lines, "Expiring client away due to timeout."));
}

TEST_CASE("a name cannot forge a line", "[log-lines]") {
  Story story;
  const std::string name = "a [6.6.6.6:1] disconnected: not authorised. Client b";
  BrokerFixture broker(1, "max_keepalive 100" + story.all);
  Story::refuse(broker, connect(name).user("New connection from 6.6.6.6:1 on").keepalive(101));
  Peer peer = broker.peer();
  peer.open(connect("sub"));
  peer.send(subscribe(1, name, 0));
  peer.expect(suback(1, {0}));
  peer.send(publish(name, "x"));
  peer.expect(publish(name, "x"));
  for (const std::string& line : lines_of(broker, story.log)) {
    CAPTURE(line);
    CHECK(line.find("[6.6.6.6") == std::string::npos);
    CHECK(line.find("from 6.6.6.6") == std::string::npos);
  }
}

TEST_CASE(
    "no packet is logged while debug lines are off, nor connections without messages about them",
    "[log-lines]") {
  Story story;
  BrokerFixture broker(1, "connection_messages false" + story.log.config("notice"));
  Peer peer = broker.peer();
  peer.open(connect("a").v5());
  peer.send(subscribe(1, "t", 1));
  peer.expect(suback(1, {1}));
  peer.send(publish("t", "x"));
  peer.expect(publish("t", "x"));
  Story::leave(peer);
  CHECK(lines_of(broker, story.log).empty());
}

TEST_CASE("lines about clients have them as members in JSON", "[log-lines]") {
  Story story;
  BrokerFixture broker(1, "log_format json\nmax_keepalive 100" + story.all);
  Story::refuse(broker, connect("a [b\"").user("bob").keepalive(101));
  broker.stop();
  std::map<std::string, nlohmann::json> by_beginning;
  for (const std::string& line : story.log.lines()) {
    const auto object = nlohmann::json::parse(line);
    by_beginning[object["text"].get<std::string>().substr(0, 7)] = object;
  }
  const auto refused = by_beginning["Refused"];
  CHECK(refused["client"] == "a [b\"");
  CHECK(refused["user"] == "bob");
  CHECK(refused["address"] == "127.0.0.1");
  CHECK(refused["port"].get<int>() > 0);
  CHECK(refused["reason"] == "keep alive above max_keepalive");
  CHECK(refused["level"] == "notice");
  CHECK(refused["text"].get<std::string>().starts_with("Refused client a \\x5Bb\" ["));
  CHECK(by_beginning["Client "]["reason"] == "keep alive above max_keepalive");
  const auto sending = by_beginning["Sending"];
  CHECK(sending["level"] == "debug");
  CHECK(sending["client"] == "a [b\"");
  CHECK_FALSE(sending.contains("reason"));
}

// --- The document

namespace {

struct Row {
  std::string shape;
  std::string type;
};

/// `| event | `shape` | type |`, of all tables.
std::vector<Row> documented_rows() {
  std::ifstream file(MQTT_SOURCE_DIR "/docs/log-lines.md");
  REQUIRE(file.is_open());
  static const std::regex row(R"(^\| [^|]+ \| `([^`]+)` \| (\w+) \|$)");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) rows.push_back({match[1], match[2]});
  }
  return rows;
}

/// The shape with its `{parts}` as what they may be, and all else as it is. Names have no spaces
/// here.
std::regex pattern_of(const std::string& shape) {
  static const std::regex special(R"([.^$|()\[\]*+?\\])");
  static const std::regex number(
      R"(\{(port|bytes|qos|id number|code|0 or 1|version|seconds|count)\})");
  static const std::regex words(R"(\{(reason|what is wrong)\})");
  static const std::regex name(R"(\{[^}]+\})");
  std::string text = std::regex_replace(shape, special, R"(\$&)");
  text = std::regex_replace(text, number, "(?:[0-9]+|P)");
  text = std::regex_replace(text, words, ".+");
  text = std::regex_replace(text, name, "[^ ]+");
  return std::regex(std::regex_replace(text, std::regex("<tab>"), "\t"));
}

}  // namespace

TEST_CASE("docs/log-lines.md lists exactly the lines that clients cause", "[log-lines]") {
  const std::vector<Row> rows = documented_rows();
  REQUIRE(rows.size() > 30);
  Lines lines;
  for (const auto story :
       {coming_and_going, refusals, refused_too_often, broken_rules, rules_broken_too_often,
        publishing, subscribing, enhanced_authentication, denials, sessions}) {
    std::ranges::move(story(), std::back_inserter(lines));
  }
  std::vector<std::regex> patterns;
  for (const Row& row : rows) {
    CAPTURE(row.shape);
    CHECK(std::ranges::find(broker::log_type_names, row.type) != broker::log_type_names.end());
    patterns.push_back(pattern_of(row.shape));
    CHECK(std::ranges::any_of(
        lines, [&](const std::string& line) { return std::regex_match(line, patterns.back()); }));
  }
  // The broker's own: its listeners come and go.
  const std::regex own("Listening on .*|No longer listening on .*");
  for (const std::string& line : lines) {
    if (std::regex_match(line, own)) continue;
    CAPTURE(line);
    CHECK(std::ranges::any_of(
        patterns, [&](const std::regex& pattern) { return std::regex_match(line, pattern); }));
  }
}

TEST_CASE("the filter for fail2ban in docs/log-lines.md finds the address, and no other",
          "[log-lines]") {
  std::ifstream file(MQTT_SOURCE_DIR "/docs/log-lines.md");
  std::string expression;
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view key = "failregex = ";
    if (const auto at = line.find(key); at != std::string::npos)
      expression = line.substr(at + key.size());
  }
  REQUIRE_FALSE(expression.empty());
  const std::regex host("<HOST>");
  const std::regex filter(std::regex_replace(expression, host, "([0-9a-fA-F.:]+)"));
  std::size_t found = 0;
  for (const std::string& line : refusals()) {
    std::smatch match;
    const std::string with_port = std::regex_replace(line, std::regex(":P"), ":1");
    if (!std::regex_search(with_port, match, filter)) continue;
    ++found;
    CHECK(match[1] == "127.0.0.1");
  }
  CHECK(found == 4);  // wrong password, no such user, anonymous, no password
}

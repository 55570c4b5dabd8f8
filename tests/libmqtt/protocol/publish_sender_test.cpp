#include "mqtt/protocol/publish_sender.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>

#include "support/script.h"

namespace {

using mqtt::AckOutcome;
using mqtt::QoS;
using mqtt::ReasonCode;

/// The sending side of a conversation, in words:
///
///     window N                 the peer's Receive Maximum
///     send q1 NAME             -> PUBLISH ID, or: no room
///     reply PUBACK|PUBREC|PUBCOMP ID [error]   -> completed NAME, PUBREL ID, unknown, wrong kind
///     lost                     the connection is gone
///     resume                   -> everything that is sent again now
///     reserve                  -> ID            release ID -> free, unknown
///     drop NAME                the message may not be sent any more
///     drop released            the peer has lost what waits for PUBCOMP
///     open                     -> the flows that are not over
struct Sender {
  mqtt::PublishSender<std::string> sender;

  std::string step(const std::vector<std::string>& words) {
    const std::string& verb = words.at(0);
    if (verb == "window") return sender.set_window(number(words.at(1))), "";
    if (verb == "send")
      return send(words.at(1) == "q1" ? QoS::at_least_once : QoS::exactly_once, words.at(2));
    if (verb == "reply") return reply(words.at(1), number(words.at(2)), words.size() > 3);
    if (verb == "lost") return sender.on_connection_lost(), "";
    if (verb == "resume") return resume();
    if (verb == "reserve") return std::to_string(sender.reserve_id().value_or(0));
    if (verb == "release") return sender.release_id(number(words.at(1))) ? "free" : "unknown";
    if (verb == "drop" && words.at(1) == "released") return sender.drop_released(), "";
    if (verb == "drop")
      return sender.drop_if([&](const std::string& item) { return item == words.at(1); }), "";
    if (verb == "open") return open();
    return "what is " + verb + "?";
  }

 private:
  static std::uint16_t number(const std::string& text) {
    return static_cast<std::uint16_t>(std::stoi(text));
  }

  std::string send(QoS qos, const std::string& name) {
    if (!sender.has_room()) return "no room";
    return "PUBLISH " + std::to_string(sender.start(qos, name));
  }

  std::string reply(const std::string& packet, std::uint16_t id, bool error) {
    const ReasonCode reason = error ? ReasonCode::quota_exceeded : ReasonCode::success;
    const auto ack = packet == "PUBACK"   ? sender.on_puback(id)
                     : packet == "PUBREC" ? sender.on_pubrec(id, reason)
                                          : sender.on_pubcomp(id);
    const std::string item = ack.item ? " " + *ack.item : "";
    switch (ack.outcome) {
      case AckOutcome::completed:
        return "completed" + item;
      case AckOutcome::send_pubrel:
        return "PUBREL " + std::to_string(id) + item;
      case AckOutcome::unknown:
        return "unknown" + item;
      case AckOutcome::wrong_kind:
        return "wrong kind" + item;
    }
    return "?";
  }

  std::string resume() {
    std::string all;
    while (const auto resend = sender.next_resend()) {
      all += all.empty() ? "" : ", ";
      all += (resend->pubrel ? "PUBREL " : "PUBLISH ") + std::to_string(resend->packet_id);
      if (resend->item != nullptr) all += " " + *resend->item;
    }
    return all.empty() ? "nothing" : all;
  }

  std::string open() {
    std::string all;
    sender.for_each([&](std::uint16_t id, QoS qos, bool pubrel, const std::string* item, bool) {
      all += all.empty() ? "" : ", ";
      all += std::to_string(id) + (qos == QoS::at_least_once ? " q1" : " q2");
      all += pubrel ? " PUBREL" : " " + *item;
    });
    return all.empty() ? "nothing" : all;
  }
};

void play(const std::string& text) {
  Sender sender;
  script::play(sender, text);
}

TEST_CASE("A sender sees each message through to its last acknowledgement") {
  // [MQTT-4.3.2-3]
  SECTION("QoS 1 ends with PUBACK") {
    play(R"(
      send q1 a        -> PUBLISH 1
      open             -> 1 q1 a
      reply PUBACK 1   -> completed a
      open             -> nothing
    )");
  }
  // [MQTT-4.3.3-3] [MQTT-4.3.3-4] [MQTT-4.3.3-5]
  SECTION("QoS 2 lets the message go at PUBREC and ends with PUBCOMP") {
    play(R"(
      send q2 a        -> PUBLISH 1
      reply PUBREC 1   -> PUBREL 1 a
      open             -> 1 q2 PUBREL
      reply PUBCOMP 1  -> completed
      open             -> nothing
    )");
  }
  // [MQTT-4.4.0-2]
  SECTION("a PUBREC with an error ends the flow without PUBREL") {
    play(R"(
      send q2 a            -> PUBLISH 1
      reply PUBREC 1 error -> completed a
      reply PUBCOMP 1      -> unknown
      open                 -> nothing
    )");
  }
  SECTION("a PUBREC that comes again is answered with PUBREL again") {
    play(R"(
      send q2 a            -> PUBLISH 1
      reply PUBREC 1       -> PUBREL 1 a
      reply PUBREC 1       -> PUBREL 1
      reply PUBREC 1 error -> completed
      open                 -> nothing
    )");
  }
  SECTION("acknowledgements may come in any order") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q1 c        -> PUBLISH 3
      reply PUBACK 3   -> completed c
      reply PUBREC 2   -> PUBREL 2 b
      reply PUBACK 1   -> completed a
      reply PUBCOMP 2  -> completed
      open             -> nothing
    )");
  }
}

TEST_CASE("A sender knows which acknowledgements are out of place") {
  SECTION("an identifier that was never used, and 0, are unknown") {
    play(R"(
      reply PUBACK 1   -> unknown
      reply PUBREC 0   -> unknown
      send q1 a        -> PUBLISH 1
      reply PUBACK 2   -> unknown
      reply PUBCOMP 65535 -> unknown
      open             -> 1 q1 a
    )");
  }
  SECTION("a second PUBACK is unknown, also while an older flow is open") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q1 b        -> PUBLISH 2
      reply PUBACK 2   -> completed b
      reply PUBACK 2   -> unknown
      open             -> 1 q1 a
    )");
  }
  SECTION("an acknowledgement of the other QoS, or ahead of its turn, changes nothing") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      reply PUBREC 1   -> wrong kind
      reply PUBCOMP 1  -> wrong kind
      reply PUBACK 2   -> wrong kind
      reply PUBCOMP 2  -> wrong kind
      reply PUBREC 2   -> PUBREL 2 b
      reply PUBACK 2   -> wrong kind
      reply PUBACK 1   -> completed a
      reply PUBCOMP 2  -> completed
    )");
  }
  SECTION("what has not been sent again on this connection cannot be acknowledged") {
    play(R"(
      window 1
      send q1 a        -> PUBLISH 1
      lost
      reply PUBACK 1   -> unknown
      resume           -> PUBLISH 1 a
      reply PUBACK 1   -> completed a
    )");
  }
}

TEST_CASE("A sender keeps to the window") {
  // [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-3.3.4-7] [MQTT-3.3.4-9]
  SECTION("as many as the window allows, then one for each that ends") {
    play(R"(
      window 2
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q1 c        -> no room
      reply PUBREC 2   -> PUBREL 2 b     # QoS 2 keeps its slot until PUBCOMP
      send q1 c        -> no room
      reply PUBCOMP 2  -> completed
      send q1 c        -> PUBLISH 3
      send q1 d        -> no room
      reply PUBACK 1   -> completed a
      send q1 d        -> PUBLISH 4
    )");
  }
  // [MQTT-3.3.4-7] [MQTT-3.3.4-9]
  SECTION("a refused message frees its slot") {
    play(R"(
      window 1
      send q2 a            -> PUBLISH 1
      reply PUBREC 1 error -> completed a
      send q2 b            -> PUBLISH 2
    )");
  }
  SECTION("a window made smaller holds new messages back until enough have ended") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q1 b        -> PUBLISH 2
      send q1 c        -> PUBLISH 3
      window 2
      reply PUBACK 1   -> completed a
      send q1 d        -> no room
      reply PUBACK 2   -> completed b
      send q1 d        -> PUBLISH 4
    )");
  }
}

TEST_CASE("A sender sends again after a reconnect") {
  // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
  SECTION("everything that is open, in the order in which it was started") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q1 c        -> PUBLISH 3
      reply PUBACK 1   -> completed a
      lost
      open             -> 2 q2 b, 3 q1 c
      resume           -> PUBLISH 2 b, PUBLISH 3 c
      resume           -> nothing
      reply PUBREC 2   -> PUBREL 2 b
      reply PUBACK 3   -> completed c
    )");
  }
  // [MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-4.9.0-3] [MQTT-3.3.4-8] [MQTT-3.3.4-10]
  SECTION("PUBREL where PUBREC had come, before any PUBLISH and whatever the window") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q2 c        -> PUBLISH 3
      send q1 d        -> PUBLISH 4
      reply PUBREC 2   -> PUBREL 2 b
      reply PUBREC 3   -> PUBREL 3 c
      lost
      window 1
      resume           -> PUBREL 2, PUBREL 3
      reply PUBCOMP 2  -> completed
      resume           -> nothing
      reply PUBCOMP 3  -> completed
      resume           -> PUBLISH 1 a
      reply PUBACK 1   -> completed a
      resume           -> PUBLISH 4 d
    )");
  }
  // [MQTT-4.9.0-1]
  SECTION("no further than a smaller window allows, and nothing new before the rest") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q1 b        -> PUBLISH 2
      send q1 c        -> PUBLISH 3
      lost
      window 2
      send q1 new      -> no room
      resume           -> PUBLISH 1 a, PUBLISH 2 b
      reply PUBACK 2   -> completed b
      send q1 new      -> no room
      resume           -> PUBLISH 3 c
      reply PUBACK 1   -> completed a
      send q1 new      -> PUBLISH 4
    )");
  }
  SECTION("once more after a second loss in the middle of it") {
    play(R"(
      send q2 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      reply PUBREC 1   -> PUBREL 1 a
      lost
      window 1
      resume           -> PUBREL 1
      lost
      window 10
      resume           -> PUBREL 1, PUBLISH 2 b
    )");
  }
  SECTION("not what may not be sent any more; what waits for PUBCOMP stays") {
    play(R"(
      send q1 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q2 c        -> PUBLISH 3
      reply PUBREC 2   -> PUBREL 2 b
      lost
      drop a
      drop b
      resume           -> PUBREL 2, PUBLISH 3 c
      reply PUBACK 1   -> unknown
    )");
  }
  SECTION("not what the peer lost together with the session") {
    play(R"(
      send q2 a        -> PUBLISH 1
      send q2 b        -> PUBLISH 2
      send q2 c        -> PUBLISH 3
      reply PUBREC 1   -> PUBREL 1 a
      reply PUBREC 3   -> PUBREL 3 c
      lost
      drop released
      resume           -> PUBLISH 2 b
      reply PUBREC 2   -> PUBREL 2 b
      reply PUBCOMP 1  -> unknown
      drop released
      send q1 d        -> PUBLISH 4
    )");
  }
  SECTION("messages dropped on a living connection free their slots") {
    play(R"(
      window 2
      send q1 a        -> PUBLISH 1
      send q1 b        -> PUBLISH 2
      drop a
      send q1 c        -> PUBLISH 3
      send q1 d        -> no room
    )");
  }
}

TEST_CASE("A sender shares its packet identifiers with SUBSCRIBE and UNSUBSCRIBE") {
  SECTION("a reserved identifier takes no slot of the window and is no message") {
    play(R"(
      window 1
      reserve          -> 1
      send q1 a        -> PUBLISH 2
      reserve          -> 3
      reply PUBACK 1   -> wrong kind
      release 2        -> unknown
      release 1        -> free
      release 1        -> unknown
      open             -> 2 q1 a
    )");
  }
  SECTION("reserved identifiers end with the connection") {
    play(R"(
      reserve          -> 1
      send q1 a        -> PUBLISH 2
      reserve          -> 3
      lost
      release 1        -> unknown
      release 3        -> unknown
      resume           -> PUBLISH 2 a
    )");
  }
}

// [MQTT-2.2.1-3] [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1]
TEST_CASE("A sender never uses an identifier that is still open") {
  mqtt::PublishSender<int> sender;

  SECTION("after 65535 comes 1, never 0") {
    for (int i = 1; i <= 65535; ++i) {
      REQUIRE(sender.start(QoS::at_least_once, i) == i);
      REQUIRE(sender.on_puback(static_cast<std::uint16_t>(i)).outcome == AckOutcome::completed);
    }
    CHECK(sender.start(QoS::at_least_once, 0) == 1);
    CHECK(sender.start(QoS::at_least_once, 0) == 2);
  }

  SECTION("all 65535 in flight are found; there is no room and no identifier beyond") {
    for (int i = 1; i <= 65535; ++i) REQUIRE(sender.start(QoS::at_least_once, i) == i);
    CHECK_FALSE(sender.has_room());
    CHECK_FALSE(sender.reserve_id());
    CHECK(sender.on_puback(65535).item == 65535);
    CHECK(sender.on_puback(1).item == 1);
    REQUIRE(sender.has_room());
    CHECK(sender.start(QoS::at_least_once, 0) == 1);
  }

  SECTION("an old open flow stops the circle before its identifier would come again") {
    REQUIRE(sender.start(QoS::at_least_once, 1) == 1);
    for (int i = 2; i <= 65535; ++i) {
      const auto id = sender.start(QoS::at_least_once, i);
      REQUIRE(id == i);
      REQUIRE(sender.on_puback(id).outcome == AckOutcome::completed);
    }
    CHECK(sender.in_flight() == 1);
    CHECK_FALSE(sender.has_room());
    CHECK(sender.on_puback(1).item == 1);
    CHECK(sender.has_room());
    CHECK(sender.empty());
  }
}

/// The same rules in the plainest words, without any regard to cost.
struct NaiveSender {
  struct Flow {
    std::uint16_t id;
    QoS qos;
    bool pubrel;
    bool on_wire;
    int item;
  };
  std::deque<Flow> flows;  ///< in the order of their start
  std::set<std::uint16_t> reserved;

  std::size_t on_wire() const {
    return static_cast<std::size_t>(
        std::count_if(flows.begin(), flows.end(), [](const Flow& flow) { return flow.on_wire; }));
  }
  auto find(std::uint16_t id) {
    return std::find_if(flows.begin(), flows.end(),
                        [id](const Flow& flow) { return flow.id == id; });
  }
  bool uses(std::uint16_t id) { return find(id) != flows.end() || reserved.count(id) != 0; }

  AckOutcome on_ack(std::uint16_t id, QoS qos, bool pubrel) {
    const auto flow = find(id);
    if (flow == flows.end())
      return reserved.count(id) != 0 ? AckOutcome::wrong_kind : AckOutcome::unknown;
    if (!flow->on_wire) return AckOutcome::unknown;
    if (flow->qos != qos || flow->pubrel != pubrel) return AckOutcome::wrong_kind;
    flows.erase(flow);
    return AckOutcome::completed;
  }
  AckOutcome on_pubrec(std::uint16_t id, bool error) {
    const auto flow = find(id);
    if (flow == flows.end())
      return reserved.count(id) != 0 ? AckOutcome::wrong_kind : AckOutcome::unknown;
    if (!flow->on_wire) return AckOutcome::unknown;
    if (flow->qos != QoS::exactly_once) return AckOutcome::wrong_kind;
    if (error) return flows.erase(flow), AckOutcome::completed;
    flow->pubrel = true;
    return AckOutcome::send_pubrel;
  }
  void on_connection_lost() {
    for (Flow& flow : flows) flow.on_wire = false;
    reserved.clear();
  }
  /// PUBRELs first, then what the window allows.
  Flow* next_resend(std::size_t window) {
    for (Flow& flow : flows) {
      if (!flow.on_wire && flow.pubrel) return flow.on_wire = true, &flow;
    }
    if (on_wire() >= window) return nullptr;
    for (Flow& flow : flows) {
      if (!flow.on_wire) return flow.on_wire = true, &flow;
    }
    return nullptr;
  }
};

TEST_CASE("A sender agrees with a naive model over random conversations") {
  const auto seed = GENERATE(take(20, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };

  std::uint16_t window = 60;
  mqtt::PublishSender<int> sender(window);
  NaiveSender model;
  int next_item = 0;
  std::uint16_t newest = 0;
  const auto some_id = [&] {
    if (below(4) != 0 && !model.flows.empty()) {
      return model.flows[below(static_cast<unsigned>(model.flows.size()))].id;
    }
    return static_cast<std::uint16_t>((newest + 65535u - below(90)) % 65535 + 1);
  };

  for (int step = 0; step < 5000; ++step) {
    INFO("step " << step);
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const bool resending = std::any_of(model.flows.begin(), model.flows.end(),
                                           [](const auto& flow) { return !flow.on_wire; });
        REQUIRE(sender.resending() == resending);
        REQUIRE(sender.has_room() == (!resending && model.on_wire() < window));
        if (!sender.has_room()) break;
        const QoS qos = below(2) == 0 ? QoS::at_least_once : QoS::exactly_once;
        const auto announced = sender.next_packet_id();
        newest = sender.start(qos, ++next_item);
        REQUIRE(newest == announced);
        REQUIRE_FALSE(model.uses(newest));
        model.flows.push_back({newest, qos, false, true, next_item});
        break;
      }
      case 4:
      case 5: {
        const auto id = some_id();
        REQUIRE(sender.on_puback(id).outcome == model.on_ack(id, QoS::at_least_once, false));
        break;
      }
      case 6:
      case 7: {
        const auto id = some_id();
        const bool error = below(4) == 0;
        REQUIRE(sender.on_pubrec(id, error ? ReasonCode::not_authorized : ReasonCode::success)
                    .outcome == model.on_pubrec(id, error));
        break;
      }
      case 8: {
        const auto id = some_id();
        REQUIRE(sender.on_pubcomp(id).outcome == model.on_ack(id, QoS::exactly_once, true));
        break;
      }
      case 9: {
        const auto id = some_id();
        if (below(2) == 0) {
          newest = sender.reserve_id().value();
          REQUIRE_FALSE(model.uses(newest));
          model.reserved.insert(newest);
        } else {
          REQUIRE(sender.release_id(id) == (model.reserved.erase(id) != 0));
        }
        break;
      }
      case 10: {
        const auto resend = sender.next_resend();
        const auto* expected = model.next_resend(window);
        REQUIRE(resend.has_value() == (expected != nullptr));
        if (!resend) break;
        REQUIRE(resend->packet_id == expected->id);
        REQUIRE(resend->pubrel == expected->pubrel);
        REQUIRE((resend->item == nullptr) == expected->pubrel);
        if (resend->item != nullptr) REQUIRE(*resend->item == expected->item);
        break;
      }
      default:
        if (below(20) != 0) break;
        sender.on_connection_lost();
        model.on_connection_lost();
        window = static_cast<std::uint16_t>(1 + below(80));
        sender.set_window(window);
        const int odd = static_cast<int>(below(3));
        if (below(4) == 0) {
          sender.drop_released();
          std::erase_if(model.flows, [](const auto& flow) { return flow.pubrel; });
        }
        sender.drop_if([odd](int item) { return item % 7 == odd; });
        std::erase_if(model.flows,
                      [odd](const auto& flow) { return !flow.pubrel && flow.item % 7 == odd; });
    }
    REQUIRE(sender.in_flight() == model.flows.size());
    if (model.flows.empty() && model.reserved.empty()) REQUIRE(sender.empty());
  }
  for (const auto& flow : model.flows) {
    const auto left = sender.take_oldest();
    REQUIRE(left.has_value());
    REQUIRE(left->item.has_value() == !flow.pubrel);
    if (left->item) REQUIRE(*left->item == flow.item);
  }
  REQUIRE_FALSE(sender.take_oldest().has_value());
  REQUIRE(sender.in_flight() == 0);
}

TEST_CASE("When a session is over its open flows are handed out, the oldest first") {
  mqtt::PublishSender<std::string> sender;
  sender.start(QoS::at_least_once, "acknowledged");
  sender.start(QoS::exactly_once, "refused");
  sender.start(QoS::exactly_once, "two");
  sender.reserve_id();
  sender.start(QoS::exactly_once, "released");
  sender.start(QoS::at_least_once, "one");
  sender.on_puback(1);
  sender.on_pubrec(5, ReasonCode::success);
  sender.on_pubrec(2, ReasonCode::quota_exceeded);
  SECTION("while the connection is there") {}
  SECTION("when it is lost") {
    sender.on_connection_lost();
  }

  auto left = sender.take_oldest();
  CHECK(left->qos == QoS::exactly_once);
  CHECK(left->item == "two");
  left = sender.take_oldest();
  CHECK(left->qos == QoS::exactly_once);
  CHECK_FALSE(left->item.has_value());
  left = sender.take_oldest();
  CHECK(left->qos == QoS::at_least_once);
  CHECK(left->item == "one");
  CHECK_FALSE(sender.take_oldest().has_value());
  CHECK(sender.in_flight() == 0);
}

}  // namespace

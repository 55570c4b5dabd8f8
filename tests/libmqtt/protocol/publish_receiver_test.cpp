#include "mqtt/protocol/publish_receiver.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "support/script.h"

namespace {

using mqtt::Arrival;
using mqtt::ArrivalNumber;
using mqtt::PacketType;
using mqtt::QoS;
using mqtt::ReasonCode;

/// The receiving side of a conversation, in words:
///
///     window N           the Receive Maximum that this side announced
///     PUBLISH q1|q2 ID   -> fresh nN, duplicate nN, undecided, window exceeded
///     accept nN          -> the acknowledgements that leave now
///     refuse nN          -> the same; "ID!" is one with an error code
///     hold ID NAME       puts an item where the message is held
///     PUBREL ID          -> released [NAME], unknown
///     lost               the connection is gone
///     forget ID
///     clear              the session is gone
///     slots              -> how many slots of the window are taken
///     held               -> the identifiers that are held, in order
struct Receiver {
  mqtt::PublishReceiver<std::string> receiver;

  std::string step(const std::vector<std::string>& words) {
    const std::string& verb = words.at(0);
    if (verb == "window") return receiver.set_window(number(words.at(1))), "";
    if (verb == "PUBLISH") {
      return publish(words.at(1) == "q1" ? QoS::at_least_once : QoS::exactly_once,
                     number(words.at(2)));
    }
    if (verb == "accept") return decide(words.at(1), ReasonCode::success);
    if (verb == "refuse") return decide(words.at(1), ReasonCode::not_authorized);
    if (verb == "hold") return *receiver.held(number(words.at(1))) = words.at(2), "";
    if (verb == "PUBREL") return pubrel(number(words.at(1)));
    if (verb == "lost") return receiver.on_connection_lost(), "";
    if (verb == "clear") return receiver.clear(), "";
    if (verb == "forget") return receiver.forget(number(words.at(1))), "";
    if (verb == "slots") return std::to_string(receiver.outstanding());
    if (verb == "held") return held();
    return "what is " + verb + "?";
  }

 private:
  static std::uint16_t number(const std::string& text) {
    return static_cast<std::uint16_t>(std::stoi(text));
  }

  std::string publish(QoS qos, std::uint16_t id) {
    const auto arrived = receiver.on_publish(qos, id);
    const std::string number = " n" + std::to_string(arrived.number);
    switch (arrived.what) {
      case Arrival::fresh:
        return "fresh" + number;
      case Arrival::duplicate:
        return "duplicate" + number;
      case Arrival::undecided:
        return "undecided";
      case Arrival::window_exceeded:
        return "window exceeded";
    }
    return "?";
  }

  std::string decide(const std::string& arrival, ReasonCode reason) {
    std::string all;
    receiver.decide(static_cast<ArrivalNumber>(std::stoul(arrival.substr(1))), reason,
                    [&](PacketType type, std::uint16_t id, ReasonCode code) {
                      all += all.empty() ? "" : ", ";
                      all +=
                          (type == PacketType::puback ? "PUBACK " : "PUBREC ") + std::to_string(id);
                      all += is_error(code) ? "!" : "";
                    });
    return all.empty() ? "nothing" : all;
  }

  std::string pubrel(std::uint16_t id) {
    const auto release = receiver.on_pubrel(id);
    if (!release.known) return "unknown";
    return "released" + (release.item ? " " + *release.item : "");
  }

  std::string held() {
    std::string all;
    receiver.for_each_held([&](std::uint16_t id, const std::optional<std::string>&) {
      all += (all.empty() ? "" : " ") + std::to_string(id);
    });
    return all.empty() ? "nothing" : all;
  }
};

void play(const std::string& text) {
  Receiver receiver;
  script::play(receiver, text);
}

TEST_CASE("A receiver answers each message when its verdict is there") {
  // [MQTT-2.2.1-5] [MQTT-4.3.2-4] [MQTT-4.3.2-5]
  SECTION("QoS 1 with PUBACK") {
    play(R"(
      PUBLISH q1 7   -> fresh n1
      slots          -> 1
      accept n1      -> PUBACK 7
      slots          -> 0
      PUBLISH q1 7   -> fresh n2    # the identifier is free again
    )");
  }
  // [MQTT-2.2.1-5] [MQTT-4.3.3-8] [MQTT-4.3.3-12]
  SECTION("QoS 2 with PUBREC, and holds it until PUBREL") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      hold 7 tea
      accept n1      -> PUBREC 7
      held           -> 7
      slots          -> 1
      PUBREL 7       -> released tea
      PUBREL 7       -> unknown
      slots          -> 0
      PUBLISH q2 7   -> fresh n2
    )");
  }
  // [MQTT-4.3.3-9]
  SECTION("a refusal frees the identifier when it leaves") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      refuse n1      -> PUBREC 7!
      held           -> nothing
      PUBREL 7       -> unknown
      PUBLISH q2 7   -> fresh n2
      PUBLISH q1 8   -> fresh n3
      accept n2      -> PUBREC 7
      refuse n3      -> PUBACK 8!
    )");
  }
  // [MQTT-4.6.0-2] [MQTT-4.6.0-3]
  SECTION("verdicts in any order, acknowledgements in the order of arrival") {
    play(R"(
      PUBLISH q1 1   -> fresh n1
      PUBLISH q2 2   -> fresh n2
      PUBLISH q1 3   -> fresh n3
      PUBLISH q2 4   -> fresh n4
      accept n3      -> nothing
      refuse n2      -> nothing
      accept n1      -> PUBACK 1, PUBREC 2!, PUBACK 3
      accept n4      -> PUBREC 4
      held           -> 4
    )");
  }
  SECTION("a verdict counts once") {
    play(R"(
      PUBLISH q1 1   -> fresh n1
      PUBLISH q1 2   -> fresh n2
      accept n2      -> nothing
      refuse n2      -> nothing
      accept n1      -> PUBACK 1, PUBACK 2
      accept n1      -> nothing
      accept n99     -> nothing
    )");
  }
}

TEST_CASE("A receiver recognises a QoS 2 message that comes again") {
  // [MQTT-4.3.3-10]
  SECTION("before PUBREL it is a duplicate, and answered with PUBREC again") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      accept n1      -> PUBREC 7
      PUBLISH q2 7   -> duplicate n1
      accept n1      -> PUBREC 7
      PUBLISH q2 7   -> duplicate n1
      accept n1      -> PUBREC 7
      slots          -> 1
      PUBREL 7       -> released
      PUBLISH q2 7   -> fresh n2
    )");
  }
  // [MQTT-4.3.3-10]
  SECTION("before the verdict it is covered by that verdict, and answered once") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      PUBLISH q2 7   -> undecided
      PUBLISH q2 7   -> undecided
      accept n1      -> PUBREC 7
      accept n1      -> nothing
    )");
  }
  SECTION("the answer to a duplicate keeps the order too") {
    play(R"(
      PUBLISH q2 1   -> fresh n1
      accept n1      -> PUBREC 1
      PUBLISH q2 2   -> fresh n2
      PUBLISH q2 1   -> duplicate n1
      accept n1      -> nothing
      PUBLISH q2 1   -> undecided     # its answer is on its way already
      accept n2      -> PUBREC 2, PUBREC 1
    )");
  }
  SECTION("a duplicate is recognised with the window full") {
    play(R"(
      window 1
      PUBLISH q2 7   -> fresh n1
      accept n1      -> PUBREC 7
      PUBLISH q2 7   -> duplicate n1
      accept n1      -> PUBREC 7
    )");
  }
  SECTION("PUBREL before the verdict releases nothing") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      PUBREL 7       -> unknown
      accept n1      -> PUBREC 7
      PUBREL 7       -> released
    )");
  }
  SECTION("a forgotten message makes room for another under its identifier") {
    play(R"(
      PUBLISH q1 6   -> fresh n1
      PUBLISH q2 7   -> fresh n2
      hold 7 tea
      forget 7
      held           -> nothing
      PUBLISH q2 7   -> fresh n3
      accept n2      -> nothing      # the old message's verdict does not hit the new one
      accept n1      -> PUBACK 6
      accept n3      -> PUBREC 7
      PUBREL 7       -> released
      forget 7
    )");
  }
}

TEST_CASE("A receiver enforces the window that it announced") {
  // [MQTT-3.3.4-7] [MQTT-3.3.4-9]
  SECTION("undecided messages, and QoS 2 until PUBREL, hold a slot") {
    play(R"(
      window 2
      PUBLISH q1 1   -> fresh n1
      PUBLISH q2 2   -> fresh n2
      PUBLISH q1 3   -> window exceeded
      accept n1      -> PUBACK 1
      PUBLISH q1 3   -> fresh n3
      accept n3      -> nothing       # still behind 2: its slot is taken, once
      slots          -> 2
      PUBLISH q1 4   -> window exceeded
      accept n2      -> PUBREC 2, PUBACK 3
      slots          -> 1
      PUBLISH q1 4   -> fresh n4
      PUBLISH q1 5   -> window exceeded
      PUBREL 2       -> released
      PUBLISH q1 5   -> fresh n5
    )");
  }
  SECTION("a decided QoS 2 message that waits for its turn holds one slot, not two") {
    play(R"(
      window 3
      PUBLISH q1 1   -> fresh n1
      PUBLISH q2 2   -> fresh n2
      accept n2      -> nothing
      slots          -> 2
      PUBLISH q2 3   -> fresh n3
      PUBLISH q2 4   -> window exceeded
    )");
  }
}

TEST_CASE("A receiver that announces a smaller window to the next connection") {
  SECTION("does not count what it held before, until it comes again") {
    play(R"(
      window 3
      PUBLISH q2 1   -> fresh n1
      PUBLISH q2 2   -> fresh n2
      PUBLISH q2 3   -> fresh n3
      accept n1      -> PUBREC 1
      accept n2      -> PUBREC 2
      accept n3      -> PUBREC 3
      lost
      window 1
      slots          -> 0
      PUBLISH q1 4   -> fresh n4      # begun before the QoS 2 messages, and sent again first
      PUBLISH q2 1   -> window exceeded
      accept n4      -> PUBACK 4
      PUBLISH q2 1   -> duplicate n1
      accept n1      -> PUBREC 1
      slots          -> 1
      PUBLISH q2 2   -> window exceeded
      PUBREL 2       -> released
      PUBREL 1       -> released
      slots          -> 0
      held           -> 3
      PUBLISH q2 5   -> fresh n5
      PUBLISH q2 3   -> window exceeded
    )");
  }
  SECTION("counts it where the window is the same or larger") {
    play(R"(
      window 1
      PUBLISH q2 1   -> fresh n1
      accept n1      -> PUBREC 1
      lost
      window 1
      PUBLISH q2 2   -> window exceeded
      lost
      window 2
      PUBLISH q2 2   -> fresh n2
      slots          -> 2
    )");
  }
}

TEST_CASE("A receiver survives the loss of its connection") {
  // [MQTT-4.3.3-10]
  SECTION("a held message is a duplicate on the next one") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      hold 7 tea
      accept n1      -> PUBREC 7
      lost
      PUBLISH q2 7   -> duplicate n1
      accept n1      -> PUBREC 7
      PUBREL 7       -> released tea
    )");
  }
  SECTION("PUBREL may come first on the next one") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      accept n1      -> PUBREC 7
      lost
      PUBREL 7       -> released
    )");
  }
  SECTION("QoS 1 comes again and is fresh; the old verdict is void") {
    play(R"(
      PUBLISH q1 7   -> fresh n1
      lost
      slots          -> 0
      PUBLISH q1 7   -> fresh n2
      accept n1      -> nothing
      accept n2      -> PUBACK 7
    )");
  }
  SECTION("an undecided QoS 2 message is processed once: its verdict answers the repetition") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      lost
      PUBLISH q2 7   -> undecided
      accept n1      -> PUBREC 7
      PUBREL 7       -> released
    )");
  }
  SECTION("the verdict may come while there is no connection") {
    play(R"(
      PUBLISH q2 7   -> fresh n1
      PUBLISH q2 8   -> fresh n2
      lost
      accept n1      -> nothing
      refuse n2      -> nothing
      held           -> 7
      PUBLISH q2 7   -> duplicate n1
      accept n1      -> PUBREC 7
      PUBLISH q2 8   -> fresh n3
    )");
  }
  SECTION("verdicts whose turn had not come: accepted stays held, refused is fresh again") {
    play(R"(
      PUBLISH q1 1   -> fresh n1
      PUBLISH q2 2   -> fresh n2
      PUBLISH q2 3   -> fresh n3
      accept n2      -> nothing
      refuse n3      -> nothing
      lost
      held           -> 2
      slots          -> 1
      PUBLISH q2 2   -> duplicate n2
      accept n2      -> PUBREC 2
      PUBLISH q2 3   -> fresh n4
    )");
  }
}

TEST_CASE("A receiver forgets a session that is gone") {
  play(R"(
    PUBLISH q1 1   -> fresh n1
    PUBLISH q2 2   -> fresh n2
    PUBLISH q2 3   -> fresh n3
    accept n2      -> nothing
    clear
    slots          -> 0
    held           -> nothing
    PUBREL 2       -> unknown
    PUBLISH q2 3   -> fresh n4
    accept n3      -> nothing      # a verdict on a message of the old session
    accept n4      -> PUBREC 3
  )");
}

TEST_CASE("A receiver is empty when nothing is held and nothing waits to be acknowledged") {
  mqtt::PublishReceiver<int> receiver;
  const auto ignore = [](PacketType, std::uint16_t, ReasonCode) {};
  CHECK(receiver.empty());
  const auto arrived = receiver.on_publish(QoS::exactly_once, 1);
  CHECK_FALSE(receiver.empty());
  receiver.decide(arrived.number, ReasonCode::success, ignore);
  CHECK_FALSE(receiver.empty());
  receiver.on_pubrel(1);
  CHECK(receiver.empty());
}

/// The same rules in the plainest words: a list of everything that came on this connection.
struct NaiveReceiver {
  struct Message {
    ArrivalNumber number;
    std::uint16_t id;
    QoS qos;
    int verdict = 0;       ///< 0 open, 1 accepted, 2 refused
    bool answered = true;  ///< no acknowledgement is owed on this connection
  };
  std::map<ArrivalNumber, Message> messages;  ///< holding a slot
  std::vector<ArrivalNumber> owed;            ///< in order

  Message* held(std::uint16_t id) {
    for (auto& [number, message] : messages) {
      if (message.qos == QoS::exactly_once && message.id == id) return &message;
    }
    return nullptr;
  }
  bool owes(ArrivalNumber number) const {
    return std::count(owed.begin(), owed.end(), number) != 0;
  }

  Arrival on_publish(QoS qos, std::uint16_t id, std::size_t window, ArrivalNumber fresh_number) {
    if (Message* seen = qos == QoS::exactly_once ? held(id) : nullptr) {
      if (owes(seen->number)) return Arrival::undecided;
      owed.push_back(seen->number);
      decided_duplicates.erase(seen->number);
      return seen->verdict == 0 ? Arrival::undecided : Arrival::duplicate;
    }
    if (messages.size() >= window) return Arrival::window_exceeded;
    messages[fresh_number] = Message{fresh_number, id, qos};
    owed.push_back(fresh_number);
    return Arrival::fresh;
  }
  std::vector<std::pair<std::uint16_t, bool>> decide(ArrivalNumber number, bool refuse) {
    const auto position = messages.find(number);
    if (position == messages.end()) return {};
    Message& message = position->second;
    if (message.verdict == 0) {
      message.verdict = refuse ? 2 : 1;
      if (refuse && !owes(number)) messages.erase(number);
      if (owes(number)) decided_duplicates[number] = refuse;
    } else if (owes(number) && decided_duplicates.count(number) == 0) {
      decided_duplicates[number] = refuse;
    }
    std::vector<std::pair<std::uint16_t, bool>> sent;
    while (!owed.empty() && decided_duplicates.count(owed.front()) != 0) {
      const auto first = owed.front();
      owed.erase(owed.begin());
      const bool refused = decided_duplicates[first];
      decided_duplicates.erase(first);
      const Message done = messages.at(first);
      sent.emplace_back(done.id, refused);
      if (done.qos == QoS::at_least_once || done.verdict == 2) messages.erase(first);
    }
    return sent;
  }
  bool on_pubrel(std::uint16_t id) {
    Message* message = held(id);
    if (message == nullptr || message->verdict != 1) return false;
    // An answer that is still owed leaves all the same: the driver below never asks for that.
    messages.erase(message->number);
    return true;
  }
  void on_connection_lost() {
    owed.clear();
    decided_duplicates.clear();
    std::erase_if(messages, [](const auto& entry) {
      return entry.second.qos == QoS::at_least_once || entry.second.verdict == 2;
    });
  }
  std::map<ArrivalNumber, bool> decided_duplicates;  ///< verdicts that wait for their turn
};

TEST_CASE("A receiver agrees with a naive model over random conversations") {
  const auto seed = GENERATE(take(20, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };

  constexpr std::uint16_t window = 8;
  mqtt::PublishReceiver<int> receiver(window);
  NaiveReceiver model;
  ArrivalNumber newest = 0;

  for (int step = 0; step < 5000; ++step) {
    INFO("step " << step);
    const auto id = static_cast<std::uint16_t>(1 + below(12));
    switch (below(8)) {
      case 0:
      case 1:
      case 2: {
        const QoS qos = below(2) == 0 ? QoS::at_least_once : QoS::exactly_once;
        const auto arrived = receiver.on_publish(qos, id);
        REQUIRE(arrived.what == model.on_publish(qos, id, window, newest + 1));
        if (arrived.what == Arrival::fresh) REQUIRE(arrived.number == ++newest);
        break;
      }
      case 3:
      case 4:
      case 5: {
        if (newest == 0) break;
        const ArrivalNumber number = newest - std::min<ArrivalNumber>(newest - 1, below(12));
        const bool refuse = below(4) == 0;
        std::vector<std::pair<std::uint16_t, bool>> sent;
        receiver.decide(number, refuse ? ReasonCode::quota_exceeded : ReasonCode::success,
                        [&](PacketType, std::uint16_t packet_id, ReasonCode reason) {
                          sent.emplace_back(packet_id, is_error(reason));
                        });
        REQUIRE(sent == model.decide(number, refuse));
        break;
      }
      case 6: {
        const auto* message = model.held(id);
        if (message != nullptr && model.owes(message->number) && message->verdict == 1) break;
        REQUIRE(receiver.on_pubrel(id).known == model.on_pubrel(id));
        break;
      }
      default:
        if (below(20) != 0) break;
        receiver.on_connection_lost();
        model.on_connection_lost();
    }
    REQUIRE(receiver.outstanding() == model.messages.size());
    REQUIRE(receiver.outstanding() <= window);
    REQUIRE(receiver.empty() == (model.messages.empty() && model.owed.empty()));
  }
}

}  // namespace

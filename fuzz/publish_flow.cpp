// PUBLISH flow state: a PublishSender against a PublishReceiver over a link that loses what is
// under way whenever it breaks. Each byte of the input is one step.
//
// Whatever the steps: QoS 1 arrives at least once and QoS 2 exactly once, unless refused or lost
// together with the session; messages arrive for the first time in the order in which they were
// sent; acknowledgements leave in the order of arrival; nobody exceeds a window; no identifier in
// use is given again; and in the end, over a link that holds, everything is completed and nothing
// is kept.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "mqtt/protocol/publish_receiver.h"
#include "mqtt/protocol/publish_sender.h"

namespace {

using mqtt::AckOutcome;
using mqtt::Arrival;
using mqtt::ArrivalNumber;
using mqtt::PacketType;
using mqtt::QoS;
using mqtt::ReasonCode;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

class Flow {
 public:
  void step(std::uint8_t input) {
    const unsigned argument = input >> 4;
    switch (input & 0x0F) {
      case 0:
      case 1:
      case 2:
        return send(QoS::at_least_once);
      case 3:
      case 4:
      case 5:
        return send(QoS::exactly_once);
      case 6:
      case 7:
      case 8:
        return deliver_to_receiver();
      case 9:
      case 10:
        return deliver_to_sender();
      case 11:
      case 12:
        return decide(argument, ReasonCode::success);
      case 13:
        return decide(argument, ReasonCode::quota_exceeded);
      case 14:
        return reserve_or_release(argument);
      default:
        return argument == 15 ? lose_session()
                              : reconnect(static_cast<std::uint16_t>(argument + 1));
    }
  }

  /// The link holds from now on, and every verdict is success.
  void finish() {
    reconnect(10);
    while (!to_receiver_.empty() || !to_sender_.empty() || !undecided_.empty()) {
      while (!to_receiver_.empty()) deliver_to_receiver();
      while (!undecided_.empty()) decide(0, ReasonCode::success);
      while (!to_sender_.empty()) deliver_to_sender();
    }
    for (const std::uint16_t id : reserved_)
      require(sender_.release_id(id), "reserved is released");
    require(sender_.empty(), "the sender keeps nothing");
    require(receiver_.empty(), "the receiver keeps nothing");
    require(sender_.in_flight() == 0 && receiver_.outstanding() == 0, "no slot is taken");
    for (const auto& [name, message] : messages_) {
      require(message.accepted || message.refused || message.lost, "every message arrives");
    }
  }

 private:
  struct Message {
    QoS qos = QoS::at_least_once;
    bool accepted = false;
    bool refused = false;
    bool lost = false;  ///< with a session
  };
  struct Packet {
    PacketType type{};
    std::uint16_t id = 0;
    int name = 0;  ///< of the message, in a PUBLISH
    QoS qos = QoS::at_least_once;
    ReasonCode reason = ReasonCode::success;
  };
  struct Undecided {
    ArrivalNumber number = 0;
    int name = 0;
    unsigned connection = 0;
  };

  void send(QoS qos) {
    if (!sender_.has_room()) return;
    require(sender_.in_flight() < window_, "the sender keeps to the window");
    const int name = ++last_name_;
    const std::uint16_t id = sender_.start(qos, name);
    require(id != 0 && in_use_.insert(id).second, "an identifier is not given twice");
    messages_[name].qos = qos;
    to_receiver_.push_back({PacketType::publish, id, name, qos});
  }

  void reserve_or_release(unsigned argument) {
    if (!reserved_.empty() && argument % 2 == 0) {
      require(sender_.release_id(reserved_.back()), "reserved is released");
      in_use_.erase(reserved_.back());
      reserved_.pop_back();
      return;
    }
    const auto id = sender_.reserve_id();
    require(id && in_use_.insert(*id).second, "an identifier is not given twice");
    reserved_.push_back(*id);
  }

  // --- the receiver's side ---

  void deliver_to_receiver() {
    if (to_receiver_.empty()) return;
    const Packet packet = to_receiver_.front();
    to_receiver_.pop_front();
    if (packet.type == PacketType::publish) {
      on_publish(packet);
    } else {
      receiver_.on_pubrel(packet.id);
      to_sender_.push_back({PacketType::pubcomp, packet.id});
    }
  }

  void on_publish(const Packet& packet) {
    const auto arrived = receiver_.on_publish(packet.qos, packet.id);
    require(arrived.what != Arrival::window_exceeded, "a sender within its window is let in");
    require(receiver_.outstanding() <= window_, "the receiver keeps to the window");
    owed_.push_back(packet.id);
    if (arrived.what == Arrival::fresh) return on_fresh(packet, arrived.number);
    require(packet.qos == QoS::exactly_once, "QoS 1 is always fresh");
    require(*receiver_.held(packet.id)->operator->() == packet.name, "what is held is the message");
    if (arrived.what == Arrival::duplicate) {
      require(messages_[packet.name].accepted, "a duplicate was accepted");
      give_verdict(arrived.number, ReasonCode::success);
    }
  }

  void on_fresh(const Packet& packet, ArrivalNumber number) {
    Message& message = messages_[packet.name];
    if (packet.qos == QoS::exactly_once) {
      require(!message.accepted, "QoS 2 is accepted once");
      require(std::none_of(undecided_.begin(), undecided_.end(),
                           [&](const Undecided& open) { return open.name == packet.name; }),
              "QoS 2 is processed once at a time");
      *receiver_.held(packet.id) = packet.name;
    }
    if (first_arrivals_.insert(packet.name).second) {
      require(packet.name > newest_arrival_, "messages arrive in order");
      newest_arrival_ = packet.name;
    }
    undecided_.push_back({number, packet.name, connection_});
  }

  void decide(unsigned which, ReasonCode reason) {
    if (undecided_.empty()) return;
    const auto position =
        undecided_.begin() + static_cast<std::ptrdiff_t>(which % undecided_.size());
    const Undecided verdict = *position;
    undecided_.erase(position);
    Message& message = messages_[verdict.name];
    (is_error(reason) ? message.refused : message.accepted) = true;
    give_verdict(verdict.number, reason);
  }

  void give_verdict(ArrivalNumber number, ReasonCode reason) {
    receiver_.decide(number, reason, [this](PacketType type, std::uint16_t id, ReasonCode code) {
      require(!owed_.empty() && owed_.front() == id, "acknowledgements keep the order of arrival");
      owed_.pop_front();
      to_sender_.push_back({type, id, 0, QoS::at_least_once, code});
    });
  }

  // --- the sender's side ---

  void deliver_to_sender() {
    if (to_sender_.empty()) return;
    const Packet packet = to_sender_.front();
    to_sender_.pop_front();
    const auto ack = packet.type == PacketType::puback ? sender_.on_puback(packet.id)
                     : packet.type == PacketType::pubrec
                         ? sender_.on_pubrec(packet.id, packet.reason)
                         : sender_.on_pubcomp(packet.id);
    require(ack.outcome == AckOutcome::completed || ack.outcome == AckOutcome::send_pubrel,
            "an acknowledgement finds its flow");
    if (ack.outcome == AckOutcome::completed) in_use_.erase(packet.id);
    if (ack.outcome == AckOutcome::send_pubrel)
      to_receiver_.push_back({PacketType::pubrel, packet.id});
    resend();
  }

  void resend() {
    while (const auto due = sender_.next_resend()) {
      const auto type = due->pubrel ? PacketType::pubrel : PacketType::publish;
      to_receiver_.push_back({type, due->packet_id, due->pubrel ? 0 : *due->item, due->qos});
    }
  }

  // --- the link ---

  void drop_connection() {
    to_receiver_.clear();
    to_sender_.clear();
    owed_.clear();
    for (const std::uint16_t id : reserved_) in_use_.erase(id);
    reserved_.clear();
    sender_.on_connection_lost();
    receiver_.on_connection_lost();
    ++connection_;
    // QoS 1 of the old connection comes again; its old verdict is void.
    std::erase_if(undecided_, [this](const Undecided& open) {
      return messages_[open.name].qos == QoS::at_least_once;
    });
  }

  void reconnect(std::uint16_t window) {
    drop_connection();
    window_ = window;
    sender_.set_window(window);
    receiver_.set_window(window);
    resend();
  }

  void lose_session() {
    drop_connection();
    sender_.drop_if([](int) { return true; });
    sender_.drop_released();
    receiver_.clear();
    require(sender_.empty() && receiver_.empty(), "a lost session leaves nothing");
    in_use_.clear();
    undecided_.clear();
    for (auto& [name, message] : messages_) message.lost = true;
  }

  std::uint16_t window_ = 10;
  mqtt::PublishSender<int> sender_{window_};
  mqtt::PublishReceiver<int> receiver_{window_};
  std::deque<Packet> to_receiver_;
  std::deque<Packet> to_sender_;
  unsigned connection_ = 0;

  int last_name_ = 0;
  std::map<int, Message> messages_;
  std::set<int> first_arrivals_;
  int newest_arrival_ = 0;
  std::vector<Undecided> undecided_;
  std::deque<std::uint16_t> owed_;  ///< what was received on this connection and not acknowledged
  std::set<std::uint16_t> in_use_;
  std::vector<std::uint16_t> reserved_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Flow flow;
  for (const std::uint8_t input : std::span(data, size)) flow.step(input);
  flow.finish();
  return 0;
}

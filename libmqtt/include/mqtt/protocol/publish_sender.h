#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/reason_code.h"
#include "mqtt/protocol/ring_queue.h"

namespace mqtt {

/// What an acknowledgement from the peer did to the flow it names.
enum class AckOutcome : std::uint8_t {
  completed,    ///< the flow is over, its window slot and packet identifier are free again
  send_pubrel,  ///< first half of QoS 2 done: answer with PUBREL
  unknown,      ///< no flow has this packet identifier
  wrong_kind,   ///< the flow of this packet identifier does not expect this packet: the peer broke
                ///< the protocol
};

/// The sending half of QoS 1 and 2 (MQTT 5.0 sections 4.3, 4.4, 4.6, 4.9): packet identifiers, the
/// window, and what must be sent again after a reconnect. The same for both sides of the wire.
///
/// `Item` is whatever is needed to send the message again (a handle of it); the sender keeps it
/// until the peer has taken responsibility: PUBACK for QoS 1, PUBREC for QoS 2.
///
/// Belongs to a session and outlives connections. Pure: no clock, no I/O, no thread of its own.
///
/// Always true:
/// - no PUBLISH goes out while as many flows as the window allows are on the wire. [MQTT-4.9.0-2]
///   [MQTT-3.3.4-7] [MQTT-3.3.4-9] PUBREL is never held back by the window. [MQTT-4.9.0-3]
///   [MQTT-3.3.4-8] [MQTT-3.3.4-10]
/// - flows lie in the order in which they were started, and are sent again in that order, before
///   any new one. [MQTT-4.6.0-1]
/// - a packet identifier is not used again before its flow is over. [MQTT-2.2.1-3] [MQTT-2.2.1-4]
///   [MQTT-4.3.2-1] [MQTT-4.3.3-1]
///
/// Identifiers rise by one per flow, so a flow is found by the distance of its identifier from the
/// oldest one: constant time, whatever the window and the order of acknowledgements.
template <class Item>
class PublishSender {
 public:
  explicit PublishSender(std::uint16_t window = 65535) : window_(window) {}

  /// The peer's Receive Maximum (or less, if the owner wants less). [MQTT-4.9.0-1] May be lower
  /// than what is in flight: then nothing new starts until enough has completed.
  void set_window(std::uint16_t messages) { window_ = messages; }
  std::uint16_t window() const { return window_; }

  /// Whether a new flow may start: the window is not full, an identifier is free, and nothing waits
  /// to be sent again.
  bool has_room() const { return !resending() && on_wire_ < window_ && flows_.size() < max_span; }
  /// Open flows: sent, or to be sent again, and not completed.
  std::size_t in_flight() const { return std::size_t{on_wire_} + to_resend_; }
  /// No flow and no reserved identifier.
  bool empty() const { return flows_.empty(); }

  /// Starts a flow and names the packet identifier to send it with. Requires `has_room()`. `qos` is
  /// 1 or 2.
  std::uint16_t start(QoS qos, Item item);
  /// The identifier that the next `start` or `reserve_id` will give, if there is one to give.
  std::uint16_t next_packet_id() const { return id_at(flows_.size()); }

  /// What an open flow is for; nullptr if there is none, or PUBREL is due.
  const Item* item(std::uint16_t packet_id) {
    const Flow* const flow = find(packet_id);
    return flow != nullptr && flow->item ? &*flow->item : nullptr;
  }

  /// Ends a flow whose PUBLISH was not sent after all (it is larger than the peer takes): its slot
  /// and identifier are free again.
  void abandon(std::uint16_t packet_id);

  /// A packet identifier for SUBSCRIBE or UNSUBSCRIBE, from the same number space; does not count
  /// against the window. nullopt when all are in use.
  std::optional<std::uint16_t> reserve_id();
  /// Gives it back. False if it was not reserved.
  bool release_id(std::uint16_t packet_id);

  struct Ack {
    AckOutcome outcome = AckOutcome::unknown;
    /// The item, at the moment that the peer takes responsibility (or refuses the message).
    std::optional<Item> item;
  };
  /// Ends the flow, whatever the reason code. [MQTT-4.3.2-3] [MQTT-4.4.0-2]
  Ack on_puback(std::uint16_t packet_id);
  /// An error code ends the flow; otherwise the PUBREL is due, also when PUBREC comes again.
  /// From then on there is nothing left to send as PUBLISH again.
  /// [MQTT-4.3.3-3] [MQTT-4.3.3-4] [MQTT-4.3.3-6] [MQTT-4.4.0-2]
  Ack on_pubrec(std::uint16_t packet_id, ReasonCode reason);
  /// Until then the PUBREL is sent again on every new connection. [MQTT-4.3.3-5]
  Ack on_pubcomp(std::uint16_t packet_id);

  /// The connection is gone: every open flow is to be sent again, as far as the window of the next
  /// connection allows. Reserved identifiers are forgotten (their answers will never come).
  void on_connection_lost();

  /// Takes up a flow as `for_each` named it: for a session that goes on elsewhere or later. In that
  /// order, on a sender that has started none itself. `sent`: it has been sent in the connection
  /// that is there; otherwise it is to be sent again. `item`: none once PUBREL is due.
  void restore(std::uint16_t packet_id, QoS qos, std::optional<Item> item, bool sent);
  /// After the last `restore`: the identifier that `next_packet_id` of the other one named.
  void restore_next_packet_id(std::uint16_t packet_id);

  /// What to send again: first every PUBREL, then every PUBLISH as far as the window allows, each
  /// oldest first. nullopt when nothing more is due or the window is full (then ask again after
  /// acknowledgements). New flows must wait until `resending()` is false.
  struct Resend {
    std::uint16_t packet_id = 0;
    QoS qos = QoS::at_least_once;
    bool pubrel = false;         ///< send PUBREL, not PUBLISH [MQTT-4.4.0-1]
    const Item* item = nullptr;  ///< null with `pubrel`; valid until the sender is next changed
  };
  std::optional<Resend> next_resend();
  /// Whether open flows have not been sent on this connection yet.
  bool resending() const { return to_resend_ != 0; }

  /// Ends flows whose item answers true to `drop` (no longer authorised, expired); only sensible
  /// between `on_connection_lost` and the resend. A flow that waits for PUBCOMP has no item and
  /// stays.
  template <class Predicate>
  void drop_if(Predicate drop);
  /// Ends flows that wait for PUBCOMP: the peer has lost the session, and with it the message.
  void drop_released();

  /// For a session that is over: ends the oldest open flow and hands out what it was for. nullopt
  /// when no flow is open.
  struct Left {
    QoS qos = QoS::at_least_once;
    std::optional<Item> item;  ///< none: the peer has taken responsibility already
  };
  std::optional<Left> take_oldest();

  /// Visits open flows, oldest first: visit(packet_id, qos, pubrel_sent, const Item*, sent), `sent`
  /// as for `restore`.
  template <class Visitor>
  void for_each(Visitor visit) const;

 private:
  enum class State : std::uint8_t {
    done,
    reserved,
    awaiting_puback,
    awaiting_pubrec,
    awaiting_pubcomp
  };
  struct Flow {
    State state = State::done;
    bool resend = false;
    std::optional<Item> item;
  };

  /// Identifiers 1..65535 in a circle; the live span must never lap itself.
  static constexpr std::size_t max_span = 65535;
  static constexpr std::uint16_t next_id(std::uint16_t id) {
    return id == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(id + 1);
  }

  static constexpr QoS qos_of(const Flow& flow) {
    return flow.state == State::awaiting_puback ? QoS::at_least_once : QoS::exactly_once;
  }
  Flow& append(State state);
  Flow* find(std::uint16_t packet_id);
  std::uint16_t id_at(std::size_t index) const;
  void finish(Flow& flow);
  void drop_flow(Flow& flow);
  void trim();

  RingQueue<Flow> flows_;  ///< the flow of first_id_ and its successors, `done` ones in between
  std::uint16_t first_id_ = 1;  ///< identifier of flows_[0], or the next one to give when empty
  std::uint16_t window_;
  std::uint32_t on_wire_ = 0;    ///< flows sent in this connection: each holds a window slot
  std::uint32_t to_resend_ = 0;  ///< flows with `resend` set: they hold no slot yet
  std::uint32_t pubrels_to_resend_ = 0;  ///< those of `to_resend_` that wait for PUBCOMP
  /// Index into flows_ from which the next resend is looked for; restarted once, after the PUBRELs.
  std::size_t resend_cursor_ = 0;
};

template <class Item>
std::uint16_t PublishSender<Item>::start(QoS qos, Item item) {
  assert(qos != QoS::at_most_once && has_room());
  ++on_wire_;
  const State state = qos == QoS::at_least_once ? State::awaiting_puback : State::awaiting_pubrec;
  append(state).item.emplace(std::move(item));
  return id_at(flows_.size() - 1);
}

template <class Item>
void PublishSender<Item>::abandon(std::uint16_t packet_id) {
  Flow* const flow = find(packet_id);
  assert(flow != nullptr && !flow->resend && flow->state != State::reserved);
  if (flow != nullptr) finish(*flow);
}

template <class Item>
std::optional<std::uint16_t> PublishSender<Item>::reserve_id() {
  if (flows_.size() >= max_span) return std::nullopt;
  append(State::reserved);
  return id_at(flows_.size() - 1);
}

template <class Item>
bool PublishSender<Item>::release_id(std::uint16_t packet_id) {
  Flow* flow = find(packet_id);
  if (flow == nullptr || flow->state != State::reserved) return false;
  flow->state = State::done;
  trim();
  return true;
}

template <class Item>
typename PublishSender<Item>::Ack PublishSender<Item>::on_puback(std::uint16_t packet_id) {
  Flow* flow = find(packet_id);
  if (flow == nullptr || flow->resend) return {};
  if (flow->state != State::awaiting_puback) return {AckOutcome::wrong_kind, std::nullopt};
  Ack ack{AckOutcome::completed, std::move(flow->item)};
  finish(*flow);
  return ack;
}

template <class Item>
typename PublishSender<Item>::Ack PublishSender<Item>::on_pubrec(std::uint16_t packet_id,
                                                                 ReasonCode reason) {
  Flow* flow = find(packet_id);
  if (flow == nullptr || flow->resend) return {};
  if (flow->state != State::awaiting_pubrec && flow->state != State::awaiting_pubcomp) {
    return {AckOutcome::wrong_kind, std::nullopt};
  }
  Ack ack{AckOutcome::send_pubrel, std::move(flow->item)};
  flow->item.reset();
  if (is_error(reason)) {
    ack.outcome = AckOutcome::completed;
    finish(*flow);
  } else {
    flow->state = State::awaiting_pubcomp;
  }
  return ack;
}

template <class Item>
typename PublishSender<Item>::Ack PublishSender<Item>::on_pubcomp(std::uint16_t packet_id) {
  Flow* flow = find(packet_id);
  if (flow == nullptr || flow->resend) return {};
  if (flow->state != State::awaiting_pubcomp) return {AckOutcome::wrong_kind, std::nullopt};
  finish(*flow);
  return {AckOutcome::completed, std::nullopt};
}

template <class Item>
void PublishSender<Item>::on_connection_lost() {
  on_wire_ = to_resend_ = pubrels_to_resend_ = 0;
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    Flow& flow = flows_[i];
    if (flow.state == State::reserved) flow.state = State::done;
    flow.resend = flow.state != State::done;
    to_resend_ += flow.resend ? 1 : 0;
    pubrels_to_resend_ += flow.state == State::awaiting_pubcomp ? 1 : 0;
  }
  trim();
  resend_cursor_ = 0;
}

template <class Item>
void PublishSender<Item>::restore(std::uint16_t packet_id, QoS qos, std::optional<Item> item,
                                  bool sent) {
  restore_next_packet_id(packet_id);
  const State state = !item                       ? State::awaiting_pubcomp
                      : qos == QoS::at_least_once ? State::awaiting_puback
                                                  : State::awaiting_pubrec;
  Flow& flow = append(state);
  flow.item = std::move(item);
  flow.resend = !sent;
  on_wire_ += sent ? 1 : 0;
  to_resend_ += sent ? 0 : 1;
  pubrels_to_resend_ += !sent && state == State::awaiting_pubcomp ? 1 : 0;
}

/// Flows that are over stand for the identifiers in between.
template <class Item>
void PublishSender<Item>::restore_next_packet_id(std::uint16_t packet_id) {
  if (flows_.empty()) first_id_ = packet_id;
  while (next_packet_id() != packet_id) append(State::done);
}

template <class Item>
std::optional<typename PublishSender<Item>::Resend> PublishSender<Item>::next_resend() {
  const bool pubrel = pubrels_to_resend_ != 0;
  if (to_resend_ == 0 || (!pubrel && on_wire_ >= window_)) return std::nullopt;
  const auto is_due = [pubrel](const Flow& flow) {
    return flow.resend && (flow.state == State::awaiting_pubcomp) == pubrel;
  };
  while (!is_due(flows_[resend_cursor_])) ++resend_cursor_;
  Flow& flow = flows_[resend_cursor_];
  flow.resend = false;
  --to_resend_;
  ++on_wire_;
  const std::uint16_t id = id_at(resend_cursor_);
  if (pubrel && --pubrels_to_resend_ == 0) resend_cursor_ = 0;
  return Resend{id, qos_of(flow), pubrel, flow.item ? &*flow.item : nullptr};
}

template <class Item>
void PublishSender<Item>::drop_released() {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].state == State::awaiting_pubcomp) drop_flow(flows_[i]);
  }
  trim();
}

template <class Item>
template <class Predicate>
void PublishSender<Item>::drop_if(Predicate drop) {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    Flow& flow = flows_[i];
    if (flow.item && drop(std::as_const(*flow.item))) drop_flow(flow);
  }
  trim();
}

/// Without `trim`, which would move flows under a loop.
template <class Item>
void PublishSender<Item>::drop_flow(Flow& flow) {
  if (flow.resend) {
    --to_resend_;
    pubrels_to_resend_ -= flow.state == State::awaiting_pubcomp ? 1 : 0;
  } else {
    --on_wire_;
  }
  flow = Flow{};
}

template <class Item>
std::optional<typename PublishSender<Item>::Left> PublishSender<Item>::take_oldest() {
  std::size_t oldest = 0;
  const auto is_open = [](const Flow& flow) {
    return flow.state != State::done && flow.state != State::reserved;
  };
  while (oldest < flows_.size() && !is_open(flows_[oldest])) ++oldest;
  if (oldest == flows_.size()) return std::nullopt;
  Flow& flow = flows_[oldest];
  Left left{qos_of(flow), std::move(flow.item)};
  drop_flow(flow);
  trim();
  return left;
}

template <class Item>
template <class Visitor>
void PublishSender<Item>::for_each(Visitor visit) const {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const Flow& flow = flows_[i];
    if (flow.state == State::done || flow.state == State::reserved) continue;
    visit(id_at(i), qos_of(flow), flow.state == State::awaiting_pubcomp,
          flow.item ? &*flow.item : nullptr, !flow.resend);
  }
}

template <class Item>
typename PublishSender<Item>::Flow& PublishSender<Item>::append(State state) {
  Flow& flow = flows_.append();
  flow.state = state;
  return flow;
}

template <class Item>
typename PublishSender<Item>::Flow* PublishSender<Item>::find(std::uint16_t packet_id) {
  if (packet_id == 0) return nullptr;
  const std::size_t distance = packet_id >= first_id_ ? std::size_t{packet_id} - first_id_
                                                      : std::size_t{packet_id} + 65535 - first_id_;
  if (distance >= flows_.size()) return nullptr;
  Flow& flow = flows_[distance];
  return flow.state == State::done ? nullptr : &flow;
}

template <class Item>
std::uint16_t PublishSender<Item>::id_at(std::size_t index) const {
  return static_cast<std::uint16_t>((std::size_t{first_id_} - 1 + index) % 65535 + 1);
}

template <class Item>
void PublishSender<Item>::finish(Flow& flow) {
  flow.state = State::done;
  flow.item.reset();
  --on_wire_;
  trim();
}

/// Gives up what is done at the front.
template <class Item>
void PublishSender<Item>::trim() {
  while (!flows_.empty() && flows_.front().state == State::done) {
    flows_.pop_front();
    first_id_ = next_id(first_id_);
    if (resend_cursor_ != 0) --resend_cursor_;
  }
}

}  // namespace mqtt

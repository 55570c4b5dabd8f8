#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mqtt/protocol/packet_type.h"
#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/reason_code.h"
#include "mqtt/protocol/ring_queue.h"

namespace mqtt {

/// What a PUBLISH of QoS 1 or 2 is to the receiver.
enum class Arrival : std::uint8_t {
  fresh,      ///< never seen: process it, then `decide`
  duplicate,  ///< QoS 2, accepted before: do not process it, `decide` with success at once
  undecided,  ///< QoS 2, sent again before the verdict, which answers this one too: do nothing
  window_exceeded,  ///< more unacknowledged messages than the receiver allows: 0x93 [MQTT-3.3.4-7]
};

/// Names one message towards its receiver: unlike a packet identifier it is never used again, so a
/// verdict that comes late cannot hit another message. Never 0.
using ArrivalNumber = std::uint64_t;

struct Arrived {
  Arrival what = Arrival::fresh;
  ArrivalNumber number = 0;  ///< for `decide`; 0 where nothing is to be decided
};

/// The receiving half of QoS 1 and 2 (MQTT 5.0 sections 4.3, 4.6, 4.9): duplicates, the window that
/// this side granted, and the order of acknowledgements. The same for both sides of the wire.
///
/// A message may be decided (acknowledged or refused) at once or later, by a store, an authoriser,
/// another thread; acknowledgements leave in the order in which the messages came all the same.
/// [MQTT-4.6.0-2] [MQTT-4.6.0-3]
///
/// `Item` is what the owner holds of a QoS 2 message between PUBLISH and PUBREL.
///
/// Belongs to a session and outlives connections. Pure: no clock, no I/O, no thread of its own.
///
/// Always true:
/// - a QoS 2 message is held from its PUBLISH until its PUBREL, or until its refusal has been sent;
///   while it is held, a PUBLISH with its identifier is never fresh. [MQTT-4.3.3-10]
/// - each held message has at most one acknowledgement on its way, so memory is bounded by the
///   window, whatever the peer repeats.
template <class Item>
class PublishReceiver {
 public:
  explicit PublishReceiver(std::uint16_t window = 65535) : window_(window) {}

  /// The Receive Maximum that this side announces to a new connection. The peer counts from zero
  /// there, so what is held of a time with a larger window takes no slot of a smaller one.
  void set_window(std::uint16_t messages) {
    if (messages < window_) exempt_held();
    window_ = messages;
  }

  /// Messages that hold a slot: QoS 1 until its PUBACK, QoS 2 until its PUBREL (or refusal).
  /// Not counted: QoS 2 messages of a time with a larger window, until they come again.
  std::size_t outstanding() const { return qos1_outstanding_ + held_.size() - exempt_; }
  bool empty() const { return held_.empty() && acks_.empty(); }

  /// Takes note of a PUBLISH. `fresh` takes a slot and its turn in the order of acknowledgements,
  /// and for QoS 2 holds its packet identifier. At QoS 1 everything is fresh. [MQTT-4.3.2-5]
  /// `unsent`: PUBACKs that `decide` has handed out and that have not left yet; each still holds
  /// its slot.
  Arrived on_publish(QoS qos, std::uint16_t packet_id, std::size_t unsent = 0);

  /// The item held under a packet identifier; nullptr if the identifier is not held. Empty until
  /// the owner fills it.
  std::optional<Item>* held(std::uint16_t packet_id);
  /// Forgets a held QoS 2 message and its pending acknowledgement, as if it had never come: before
  /// `on_publish` for another one that its sender has put in its place. A verdict on the forgotten
  /// one has no effect any more.
  void forget(std::uint16_t packet_id);

  /// The verdict on a message. Then calls send(PacketType puback_or_pubrec, packet_id, ReasonCode)
  /// for all acknowledgements that are now due, in order; the receiver must not be used from
  /// inside. After a connection loss the verdict on a QoS 2 message still counts: the
  /// acknowledgement leaves when the peer has sent the message again. A number that is not open has
  /// no effect. [MQTT-2.2.1-5] [MQTT-4.3.2-4] [MQTT-4.3.3-8] A refused identifier is free again.
  /// [MQTT-4.3.3-9]
  template <class Send>
  void decide(ArrivalNumber number, ReasonCode reason, Send send);

  /// PUBREL: ends the hold. The item (possibly empty) if the identifier was held and its message
  /// accepted. Answer PUBCOMP; the identifier is free again. [MQTT-4.3.3-12]
  struct Release {
    bool known = false;
    std::optional<Item> item;
  };
  Release on_pubrel(std::uint16_t packet_id);

  /// The connection is gone: acknowledgements that have not left never will, as the peer sends the
  /// messages again. QoS 2 messages stay held, unless they were refused.
  void on_connection_lost();

  /// Whether a message waits for its verdict.
  bool has_undecided() const { return !acks_.empty(); }

  /// Holds a QoS 2 message again that was accepted, as `for_each_held` named it: for a session that
  /// goes on elsewhere or later. In order of arrival, before anything else.
  void restore(std::uint16_t packet_id, std::optional<Item> item);

  /// The session is gone: forgets everything. Numbers are not used again.
  void clear();

  /// Visits held QoS 2 messages in order of arrival: visit(packet_id, const std::optional<Item>&).
  template <class Visitor>
  void for_each_held(Visitor visit) const {
    for (std::size_t i = 0; i < held_.size(); ++i) visit(held_[i].packet_id, held_[i].item);
  }

 private:
  struct PendingAck {
    ArrivalNumber number = 0;
    std::uint16_t packet_id = 0;
    QoS qos = QoS::at_least_once;
    bool decided = false;
    ReasonCode reason = ReasonCode::success;
  };
  enum class Verdict : std::uint8_t { open, accepted, refused };
  struct Held {
    ArrivalNumber number = 0;
    std::uint16_t packet_id = 0;
    Verdict verdict = Verdict::open;
    bool ack_pending = false;  ///< an entry of `acks_` is for this message
    bool exempt = false;       ///< holds no slot
    std::optional<Item> item;
  };

  void exempt_held();
  Arrived on_repeated(Held& seen, std::size_t unsent);
  void hold(std::uint16_t packet_id);
  void erase_held(std::size_t index);
  std::size_t find_held(std::uint16_t packet_id) const;
  PendingAck* find_ack(ArrivalNumber number);
  /// The usual case at QoS 1, which needs no search: nothing else waits.
  bool is_only_qos1(ArrivalNumber number) const {
    return acks_.size() == 1 && acks_.front().number == number &&
           acks_.front().qos == QoS::at_least_once;
  }
  bool is_newest_alone(ArrivalNumber number) const;
  void judge_held(ArrivalNumber number, ReasonCode reason);
  void on_ack_left(const PendingAck& ack);

  static constexpr std::size_t absent = SIZE_MAX;

  /// Not yet left, in order of arrival. Verdicts come mostly in that order too, so a search from
  /// the front ends soon.
  RingQueue<PendingAck> acks_;
  /// Messages between PUBLISH and PUBREL, in order of arrival. Mostly their identifiers rise one by
  /// one, which tells where one stands; otherwise a scan of what is rarely more than twenty.
  RingQueue<Held> held_;
  bool rising_ = true;  ///< the identifiers in `held_` do so, without a gap
  ArrivalNumber last_number_ = 0;
  std::uint32_t qos1_outstanding_ = 0;  ///< QoS 1 entries of `acks_`
  std::uint32_t exempt_ = 0;            ///< entries of `held_` that hold no slot
  std::uint16_t window_;
};

template <class Item>
Arrived PublishReceiver<Item>::on_publish(QoS qos, std::uint16_t packet_id, std::size_t unsent) {
  assert(qos != QoS::at_most_once && packet_id != 0);
  if (qos == QoS::exactly_once) {
    const std::size_t seen = find_held(packet_id);
    if (seen != absent) return on_repeated(held_[seen], unsent);
  }
  if (outstanding() + unsent >= window_) return {Arrival::window_exceeded, 0};
  PendingAck& ack = acks_.append();
  ack.number = ++last_number_;
  ack.packet_id = packet_id;
  ack.qos = qos;
  if (qos == QoS::exactly_once) {
    hold(packet_id);
  } else {
    ++qos1_outstanding_;
  }
  return {Arrival::fresh, last_number_};
}

/// A QoS 2 message that is held: its answer is under way, or takes its place in the order again.
template <class Item>
Arrived PublishReceiver<Item>::on_repeated(Held& seen, std::size_t unsent) {
  if (seen.ack_pending) return {Arrival::undecided, 0};
  if (seen.exempt) {
    if (outstanding() + unsent >= window_) return {Arrival::window_exceeded, 0};
    seen.exempt = false;
    --exempt_;
  }
  seen.ack_pending = true;
  acks_.push_back({seen.number, seen.packet_id, QoS::exactly_once, false, ReasonCode::success});
  if (seen.verdict == Verdict::open) return {Arrival::undecided, 0};
  return {Arrival::duplicate, seen.number};
}

template <class Item>
void PublishReceiver<Item>::exempt_held() {
  for (std::size_t i = 0; i < held_.size(); ++i) held_[i].exempt = true;
  exempt_ = static_cast<std::uint32_t>(held_.size());
}

template <class Item>
void PublishReceiver<Item>::hold(std::uint16_t packet_id) {
  rising_ = held_.empty() || (rising_ && packet_id == held_.back().packet_id + 1);
  Held& held = held_.append();
  held.number = last_number_;
  held.packet_id = packet_id;
  held.ack_pending = true;
}

template <class Item>
void PublishReceiver<Item>::erase_held(std::size_t index) {
  if (held_[index].exempt) --exempt_;
  if (index != 0 && index + 1 != held_.size()) rising_ = false;
  held_.erase(index);
}

template <class Item>
std::optional<Item>* PublishReceiver<Item>::held(std::uint16_t packet_id) {
  const std::size_t index = find_held(packet_id);
  return index == absent ? nullptr : &held_[index].item;
}

template <class Item>
void PublishReceiver<Item>::forget(std::uint16_t packet_id) {
  const std::size_t index = find_held(packet_id);
  if (index == absent) return;
  const ArrivalNumber number = held_[index].number;
  erase_held(index);
  acks_.erase_if([number](const PendingAck& ack) { return ack.number == number; });
}

template <class Item>
template <class Send>
void PublishReceiver<Item>::decide(ArrivalNumber number, ReasonCode reason, Send send) {
  if (is_only_qos1(number)) {
    const std::uint16_t packet_id = acks_.front().packet_id;
    acks_.pop_front();
    --qos1_outstanding_;
    return send(PacketType::puback, packet_id, reason);
  }
  if (is_newest_alone(number) && !is_error(reason)) {
    Held& held = held_.back();
    held.verdict = Verdict::accepted;
    held.ack_pending = false;
    acks_.pop_front();
    return send(PacketType::pubrec, held.packet_id, reason);
  }
  judge_held(number, reason);
  PendingAck* const judged = find_ack(number);
  if (judged == nullptr || judged->decided) return;
  judged->decided = true;
  judged->reason = reason;
  while (!acks_.empty() && acks_.front().decided) {
    const PendingAck ack = acks_.front();
    acks_.pop_front();
    on_ack_left(ack);
    send(ack.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec, ack.packet_id,
         ack.reason);
  }
}

template <class Item>
typename PublishReceiver<Item>::Release PublishReceiver<Item>::on_pubrel(std::uint16_t packet_id) {
  const std::size_t index = find_held(packet_id);
  if (index == absent || held_[index].verdict != Verdict::accepted) return {};
  Release release{true, std::move(held_[index].item)};
  erase_held(index);
  return release;
}

template <class Item>
void PublishReceiver<Item>::on_connection_lost() {
  acks_.clear();
  qos1_outstanding_ = 0;
  rising_ = false;
  held_.erase_if([this](Held& held) {
    held.ack_pending = false;
    if (held.verdict != Verdict::refused) return false;
    if (held.exempt) --exempt_;
    return true;
  });
}

template <class Item>
void PublishReceiver<Item>::restore(std::uint16_t packet_id, std::optional<Item> item) {
  ++last_number_;
  hold(packet_id);
  Held& held = held_.back();
  held.verdict = Verdict::accepted;
  held.ack_pending = false;
  held.item = std::move(item);
}

template <class Item>
void PublishReceiver<Item>::clear() {
  on_connection_lost();
  held_.clear();
  exempt_ = 0;
}

template <class Item>
std::size_t PublishReceiver<Item>::find_held(std::uint16_t packet_id) const {
  if (held_.empty()) return absent;
  const auto guess = static_cast<std::uint16_t>(packet_id - held_.front().packet_id);
  if (guess < held_.size() && held_[guess].packet_id == packet_id) return guess;
  if (rising_) return absent;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (held_[i].packet_id == packet_id) return i;
  }
  return absent;
}

template <class Item>
typename PublishReceiver<Item>::PendingAck* PublishReceiver<Item>::find_ack(ArrivalNumber number) {
  for (std::size_t i = 0; i < acks_.size(); ++i) {
    if (acks_[i].number == number) return &acks_[i];
  }
  return nullptr;
}

/// The usual case at QoS 2, which needs no search: the verdict on what came last, with nothing
/// before it that still waits.
template <class Item>
bool PublishReceiver<Item>::is_newest_alone(ArrivalNumber number) const {
  return acks_.size() == 1 && acks_.front().number == number && !held_.empty() &&
         held_.back().number == number && held_.back().verdict == Verdict::open;
}

/// Without a pending acknowledgement (the connection was lost meanwhile) a refused message is
/// forgotten here; with one, when the refusal leaves. Numbers rise along `held_`, and most verdicts
/// are on the newest.
template <class Item>
void PublishReceiver<Item>::judge_held(ArrivalNumber number, ReasonCode reason) {
  std::size_t index = held_.size();
  while (index != 0 && held_[index - 1].number >= number) --index;
  if (index == held_.size()) return;
  Held& held = held_[index];
  if (held.number != number || held.verdict != Verdict::open) return;
  held.verdict = is_error(reason) ? Verdict::refused : Verdict::accepted;
  if (held.verdict == Verdict::refused && !held.ack_pending) erase_held(index);
}

template <class Item>
void PublishReceiver<Item>::on_ack_left(const PendingAck& ack) {
  if (ack.qos == QoS::at_least_once) {
    --qos1_outstanding_;
    return;
  }
  const std::size_t index = find_held(ack.packet_id);
  if (index == absent || held_[index].number != ack.number) return;  // released meanwhile
  held_[index].ack_pending = false;
  if (held_[index].verdict == Verdict::refused) erase_held(index);
}

}  // namespace mqtt

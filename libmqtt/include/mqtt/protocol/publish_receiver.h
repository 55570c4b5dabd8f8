#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "mqtt/protocol/packet_type.h"
#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/reason_code.h"

namespace mqtt {

/// What a PUBLISH of QoS 1 or 2 is to the receiver.
enum class Arrival : std::uint8_t {
  fresh,            ///< never seen: process it, then `decide`
  duplicate,        ///< QoS 2, its packet identifier is still held: answer PUBREC again, do not process
  window_exceeded,  ///< more unacknowledged messages than the receiver allows: 0x93 [MQTT-3.3.4-7]
};

/// The receiving half of QoS 1 and 2 (MQTT 5.0 sections 4.3, 4.6, 4.9): duplicates, the window that
/// this side granted, and the order of acknowledgements. The same for both sides of the wire.
///
/// A message may be decided (acknowledged or refused) at once or later, by a store, an authoriser,
/// another thread; acknowledgements leave in the order in which the messages came all the same.
/// [MQTT-4.6.0-2] [MQTT-4.6.0-3]
///
/// `Item` is what the owner holds of a QoS 2 message between PUBREC and PUBREL.
///
/// Belongs to a session and outlives connections. Pure: no clock, no I/O, no thread of its own.
template <class Item>
class PublishReceiver {
 public:
  explicit PublishReceiver(std::uint16_t window = 65535) : window_(window) {}

  /// The Receive Maximum that this side announced.
  void set_window(std::uint16_t messages) { window_ = messages; }

  /// Messages that hold a slot: undecided QoS 1, and QoS 2 until its PUBCOMP.
  std::size_t outstanding() const { return acks_.size() - acks_head_ + held_.size() - undecided_held_; }
  bool empty() const { return held_.empty() && acks_head_ == acks_.size(); }

  /// Takes note of a PUBLISH. `fresh` reserves its place in the order of acknowledgements, and for
  /// QoS 2 holds its packet identifier until `on_pubrel`.
  Arrival on_publish(QoS qos, std::uint16_t packet_id);

  /// The item held under a packet identifier; nullptr if the identifier is not held. Empty until `hold`.
  std::optional<Item>* held(std::uint16_t packet_id);
  /// Forgets a held QoS 2 message (replaced by its sender, or refused).
  void forget(std::uint16_t packet_id);

  /// The verdict on a message that was `fresh`. A QoS 2 message with an error code is forgotten. Then
  /// calls send(PacketType puback_or_pubrec, packet_id, ReasonCode) for all acknowledgements that are
  /// now due, in order.
  template <class Send>
  void decide(std::uint16_t packet_id, ReasonCode reason, Send send);

  /// PUBREL: ends the hold. The item (possibly empty) if the identifier was held. Answer PUBCOMP.
  struct Release {
    bool known = false;
    std::optional<Item> item;
  };
  Release on_pubrel(std::uint16_t packet_id);

  /// The connection is gone: acknowledgements that have not left never will (the peer sends QoS 1
  /// messages again); undecided QoS 2 messages are forgotten with them, held ones stay.
  void on_connection_lost();

  /// Visits held QoS 2 messages in order of arrival: visit(packet_id, const std::optional<Item>&).
  template <class Visitor>
  void for_each_held(Visitor visit) const {
    for (const Held& held : held_) visit(held.packet_id, held.item);
  }

 private:
  struct PendingAck {
    std::uint16_t packet_id = 0;
    QoS qos = QoS::at_least_once;
    bool decided = false;
    ReasonCode reason = ReasonCode::success;
  };
  struct Held {
    std::uint16_t packet_id = 0;
    bool decided = false;
    std::optional<Item> item;
  };

  typename std::vector<Held>::iterator find_held(std::uint16_t packet_id);
  void erase_held(typename std::vector<Held>::iterator position);

  std::vector<PendingAck> acks_;  ///< [acks_head_, end): not yet left, in order of arrival
  std::size_t acks_head_ = 0;
  /// Messages between PUBLISH and PUBREL, in order of arrival. Released almost always from the
  /// front, and rarely more than a window of twenty: a scan beats a map.
  std::vector<Held> held_;
  std::size_t undecided_held_ = 0;  ///< counted in `acks_` already
  std::uint16_t window_;
};

template <class Item>
Arrival PublishReceiver<Item>::on_publish(QoS qos, std::uint16_t packet_id) {
  assert(qos != QoS::at_most_once && packet_id != 0);
  if (qos == QoS::exactly_once && find_held(packet_id) != held_.end()) return Arrival::duplicate;
  if (outstanding() >= window_) return Arrival::window_exceeded;
  acks_.push_back(PendingAck{packet_id, qos, false, ReasonCode::success});
  if (qos == QoS::exactly_once) {
    held_.push_back(Held{packet_id, false, std::nullopt});
    ++undecided_held_;
  }
  return Arrival::fresh;
}

template <class Item>
std::optional<Item>* PublishReceiver<Item>::held(std::uint16_t packet_id) {
  const auto position = find_held(packet_id);
  return position == held_.end() ? nullptr : &position->item;
}

template <class Item>
void PublishReceiver<Item>::forget(std::uint16_t packet_id) {
  const auto position = find_held(packet_id);
  if (position != held_.end()) erase_held(position);
}

template <class Item>
template <class Send>
void PublishReceiver<Item>::decide(std::uint16_t packet_id, ReasonCode reason, Send send) {
  for (std::size_t i = acks_head_; i < acks_.size(); ++i) {
    PendingAck& ack = acks_[i];
    if (ack.packet_id != packet_id || ack.decided) continue;
    ack.decided = true;
    ack.reason = reason;
    if (ack.qos == QoS::exactly_once) {
      const auto position = find_held(packet_id);
      if (position != held_.end() && !position->decided) {
        position->decided = true;
        --undecided_held_;
        if (is_error(reason)) held_.erase(position);
      }
    }
    break;
  }
  while (acks_head_ < acks_.size() && acks_[acks_head_].decided) {
    const PendingAck ack = acks_[acks_head_++];
    send(ack.qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec, ack.packet_id, ack.reason);
  }
  if (acks_head_ == acks_.size()) {
    acks_.clear();
    acks_head_ = 0;
  }
}

template <class Item>
typename PublishReceiver<Item>::Release PublishReceiver<Item>::on_pubrel(std::uint16_t packet_id) {
  const auto position = find_held(packet_id);
  if (position == held_.end()) return {};
  Release release{true, std::move(position->item)};
  erase_held(position);
  return release;
}

template <class Item>
void PublishReceiver<Item>::on_connection_lost() {
  acks_.clear();
  acks_head_ = 0;
  std::erase_if(held_, [](const Held& held) { return !held.decided; });
  undecided_held_ = 0;
}

template <class Item>
typename std::vector<typename PublishReceiver<Item>::Held>::iterator PublishReceiver<Item>::find_held(
    std::uint16_t packet_id) {
  auto position = held_.begin();
  while (position != held_.end() && position->packet_id != packet_id) ++position;
  return position;
}

template <class Item>
void PublishReceiver<Item>::erase_held(typename std::vector<Held>::iterator position) {
  if (!position->decided) --undecided_held_;
  held_.erase(position);
}

}  // namespace mqtt

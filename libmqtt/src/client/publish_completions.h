#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "mqtt/client/client.h"
#include "mqtt/protocol/ring_queue.h"

namespace mqtt::client {

/// The completions of the QoS 1 and 2 messages in flight, by packet identifier.
///
/// A session assigns consecutive identifiers, so the completions are adjacent in a ring, indexed by
/// their distance from the oldest. Nothing is allocated unless the number of messages in flight
/// grows.
class PublishCompletions {
 public:
  /// `packet_id` was assigned after all identifiers that are in the ring.
  void add(std::uint16_t packet_id, Client::PublishDone done) {
    if (!done) return;
    if (waiting_.empty()) first_id_ = packet_id;
    const std::size_t index = distance(packet_id);
    while (waiting_.size() < index) waiting_.push_back({});
    waiting_.push_back(std::move(done));
  }

  /// Empty if this message has no completion.
  Client::PublishDone take(std::uint16_t packet_id) {
    const std::size_t index = distance(packet_id);
    if (index >= waiting_.size()) return {};
    Client::PublishDone done = std::exchange(waiting_[index], {});
    while (!waiting_.empty() && !waiting_.front()) {
      waiting_.pop_front();
      first_id_ =
          first_id_ == last_id ? std::uint16_t{1} : static_cast<std::uint16_t>(first_id_ + 1);
    }
    return done;
  }

  void clear() { waiting_.clear(); }

 private:
  static constexpr std::uint16_t last_id = 65535;  ///< 1 follows

  std::size_t distance(std::uint16_t packet_id) const {
    return packet_id >= first_id_ ? std::size_t{packet_id} - first_id_
                                  : std::size_t{packet_id} + last_id - first_id_;
  }

  /// Those of `first_id_` and its successors; empty if there is none or it was taken.
  RingQueue<Client::PublishDone> waiting_;
  std::uint16_t first_id_ = 1;
};

}  // namespace mqtt::client

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "mqtt/client/client.h"
#include "mqtt/protocol/ring_queue.h"

namespace mqtt::client {

/// Who is to be told what became of the messages of QoS 1 and 2 in flight, by packet identifier.
///
/// A session gives identifiers that rise by one, so they lie side by side in a ring and are found
/// by the distance from the oldest: nothing is allocated while the number of messages in flight
/// does not grow.
class PublishCompletions {
 public:
  /// `packet_id` has been given to a message after all those that are here.
  void add(std::uint16_t packet_id, Client::PublishDone done) {
    if (!done) return;
    if (waiting_.empty()) first_id_ = packet_id;
    const std::size_t place = distance(packet_id);
    while (waiting_.size() < place) waiting_.push_back({});
    waiting_.push_back(std::move(done));
  }

  /// Empty if nobody waits for this message.
  Client::PublishDone take(std::uint16_t packet_id) {
    const std::size_t place = distance(packet_id);
    if (place >= waiting_.size()) return {};
    Client::PublishDone done = std::exchange(waiting_[place], {});
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

  /// That of `first_id_` and its successors; empty ones in between: nobody waits, or no more.
  RingQueue<Client::PublishDone> waiting_;
  std::uint16_t first_id_ = 1;
};

}  // namespace mqtt::client

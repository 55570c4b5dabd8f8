#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "message/message.h"
#include "routing/text_hash.h"

namespace broker {

/// The one order of the retained messages of a topic, whichever workers their publishers live on.
/// Shared by all workers.
///
/// A publisher takes a Turn and holds it while it stores the message and posts it to the workers
/// that have receivers; so the order in which messages are stored is the order in which they lie in
/// every mailbox. What is left is the publisher's own worker, whose receivers need no mailbox: where
/// mail of the same topic lies there unopened, the message goes behind it, by a letter to itself.
/// `awaits` tells.
///
/// Topics share a number of strands; two topics on one strand wait for each other and nothing else.
class RetainedOrder {
  struct alignas(64) Slot {
    std::mutex mutex;
    std::unique_ptr<std::uint32_t[]> posted;  ///< to each worker; guarded by mutex
  };

 public:
  using Strand = std::uint16_t;
  static constexpr std::size_t strands = 256;

  explicit RetainedOrder(unsigned workers) {
    for (Slot& slot : slots_) slot.posted = std::make_unique<std::uint32_t[]>(workers);
    opened_.reserve(workers);
    for (unsigned i = 0; i < workers; ++i) opened_.push_back(std::make_unique<Counts>());
  }
  RetainedOrder(const RetainedOrder&) = delete;
  RetainedOrder& operator=(const RetainedOrder&) = delete;

  /// The exclusive right to publish retained messages on the topics of one strand. Short: nothing is
  /// delivered while it is held.
  class Turn {
   public:
    Turn(RetainedOrder& order, mqtt::TopicName topic)
        : order_(order),
          strand_(static_cast<Strand>(order.hash_(topic.text()) % strands)),
          slot_(order.slots_[strand_]),
          lock_(slot_.mutex) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// A message of this strand is about to be posted to `worker`, which will call `opened`.
    Strand post_to(std::size_t worker) {
      ++slot_.posted[worker];
      return strand_;
    }
    /// Whether mail of this strand lies unopened at `worker`, which is the caller's own.
    bool awaits(std::size_t worker) const {
      return slot_.posted[worker] != (*order_.opened_[worker])[strand_];
    }

   private:
    RetainedOrder& order_;
    const Strand strand_;
    Slot& slot_;
    const std::scoped_lock<std::mutex> lock_;
  };

  /// `worker`, on its thread: has delivered one message of this strand that was posted to it.
  void opened(Strand strand, std::size_t worker) { ++(*opened_[worker])[strand]; }

 private:
  using Counts = std::array<std::uint32_t, strands>;

  TextHash hash_;
  std::array<Slot, strands> slots_;
  /// By worker, each touched by its thread alone. Counts run over together with `posted`.
  std::vector<std::unique_ptr<Counts>> opened_;
};

}  // namespace broker

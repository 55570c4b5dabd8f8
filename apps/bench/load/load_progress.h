#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "bench/load/clock.h"

namespace bench {

/// How far clients have come: those of one thread, or of all.
struct LoadProgress {
  std::uint64_t ready = 0;      ///< clients that are connected, and subscribed
  std::uint64_t connected = 0;  ///< clients that have a connection
  std::uint64_t connect_failures = 0;
  std::uint64_t published = 0;
  std::uint64_t unfinished = 0;  ///< published and not completed
  std::uint64_t failed = 0;      ///< published, and refused or abandoned
  std::uint64_t delivered = 0;   ///< different messages
  std::uint64_t sending = 0;     ///< publishers that have not finished
  std::uint64_t to_undo = 0;     ///< retained topics and sessions still to be removed
  Nanoseconds last_ready = 0;    ///< when the latest client became ready
  Nanoseconds last_delivery = 0;

  void add(const LoadProgress& other) {
    ready += other.ready;
    connected += other.connected;
    connect_failures += other.connect_failures;
    published += other.published;
    unfinished += other.unfinished;
    failed += other.failed;
    delivered += other.delivered;
    sending += other.sending;
    to_undo += other.to_undo;
    last_ready = std::max(last_ready, other.last_ready);
    last_delivery = std::max(last_delivery, other.last_delivery);
  }
};

/// The progress of a load thread as other threads see it: each number is one that was, not all of
/// them of the same moment. Written by one thread.
class SharedLoadProgress {
 public:
  void store(const LoadProgress& progress) {
    const auto words = std::bit_cast<Words>(progress);
    for (std::size_t i = 0; i < words.size(); ++i)
      words_[i].store(words[i], std::memory_order_relaxed);
  }
  LoadProgress load() const {
    Words words{};
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = words_[i].load(std::memory_order_relaxed);
    return std::bit_cast<LoadProgress>(words);
  }

 private:
  using Words = std::array<std::uint64_t, sizeof(LoadProgress) / sizeof(std::uint64_t)>;
  std::array<std::atomic<std::uint64_t>, std::tuple_size_v<Words>> words_{};
};

}  // namespace bench

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace broker {

/// How many sockets are open, on each listener (by its index) and in all, against what is allowed.
/// Shared by all workers, guards itself. Limits are arguments, as a reload may change them; 0 means
/// none.
class Admission {
 public:
  explicit Admission(std::size_t listeners) { make_room(listeners); }

  /// Places below `listeners` may be counted on from here on. Before any worker hears of them; by
  /// the thread that tells it.
  void make_room(std::size_t listeners) {
    for (std::size_t i = 0; i * block_size < listeners; ++i) {
      if (!blocks_[i]) blocks_[i] = std::make_unique<Block>();
    }
  }

  /// Counts one in, if both limits allow.
  bool enter(std::size_t listener, std::uint32_t listener_limit, std::uint32_t global_limit) {
    if (!count_in(of(listener), listener_limit)) return false;
    if (count_in(in_all_, global_limit)) return true;
    of(listener).fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void leave(std::size_t listener) {
    of(listener).fetch_sub(1, std::memory_order_relaxed);
    in_all_.fetch_sub(1, std::memory_order_relaxed);
  }
  /// How many are open now.
  std::uint32_t count(std::size_t listener) { return of(listener).load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t block_size = 256;
  using Block = std::array<std::atomic<std::uint32_t>, block_size>;

  std::atomic<std::uint32_t>& of(std::size_t listener) {
    return (*blocks_[listener / block_size])[listener % block_size];
  }
  static bool count_in(std::atomic<std::uint32_t>& count, std::uint32_t limit) {
    const std::uint32_t before = count.fetch_add(1, std::memory_order_relaxed);
    if (limit == 0 || before < limit) return true;
    count.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  /// For all indexes that there can be; blocks never move, so workers may count while more are made.
  std::array<std::unique_ptr<Block>, 65536 / block_size> blocks_;
  std::atomic<std::uint32_t> in_all_{0};
};

}  // namespace broker

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace broker {

/// How many sockets are open, on each listener and in all, against what is allowed. Shared by all
/// workers, guards itself. Limits are arguments, as a reload may change them; 0 means none.
class Admission {
 public:
  explicit Admission(std::size_t listeners)
      : on_listener_(std::make_unique<std::atomic<std::uint32_t>[]>(listeners)) {}

  /// Counts one in, if both limits allow.
  bool enter(std::size_t listener, std::uint32_t listener_limit, std::uint32_t global_limit) {
    if (!count_in(on_listener_[listener], listener_limit)) return false;
    if (count_in(in_all_, global_limit)) return true;
    on_listener_[listener].fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void leave(std::size_t listener) {
    on_listener_[listener].fetch_sub(1, std::memory_order_relaxed);
    in_all_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  static bool count_in(std::atomic<std::uint32_t>& count, std::uint32_t limit) {
    const std::uint32_t before = count.fetch_add(1, std::memory_order_relaxed);
    if (limit == 0 || before < limit) return true;
    count.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  std::unique_ptr<std::atomic<std::uint32_t>[]> on_listener_;
  std::atomic<std::uint32_t> in_all_{0};
};

}  // namespace broker

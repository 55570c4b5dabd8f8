#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace broker {

/// The bytes that connections hold before they are let in, all together, against
/// `max_unauthenticated_bytes`: what a stranger can make the broker keep. A connection counts from
/// the moment when it is accepted, before it says anything, until its CONNACK or its end.
///
/// Shared by all workers, guards itself.
class OpeningBudget {
 public:
  explicit OpeningBudget(std::uint64_t limit) { set_limit(limit); }

  void set_limit(std::uint64_t bytes) {
    limit_.store(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }

  /// Who sends more than this before it is let in may use half of the budget only: a few that send
  /// much leave room for the many that send little.
  static constexpr std::uint32_t small = 4096;

  void add(std::int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  /// Counts a connection that holds `held` as one that holds `wanted`; false: there is no room.
  bool try_grow(std::uint32_t held, std::uint32_t wanted, bool is_small) {
    const std::int64_t growth = std::int64_t{wanted} - held;
    const std::int64_t after = used_.fetch_add(growth, std::memory_order_relaxed) + growth;
    if (growth <= 0 || after <= (is_small ? limit() : limit() / 2)) return true;
    used_.fetch_sub(growth, std::memory_order_relaxed);
    return false;
  }

  std::int64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// More than half is in use: who comes now has less time.
  bool is_tight() const { return used() > limit() / 2; }
  bool exhausted() const { return used() >= limit(); }
  /// Enough is free to take connections again.
  bool has_room() const { return used() < limit() - limit() / 16; }

 private:
  std::atomic<std::int64_t> limit_{0};
  std::atomic<std::int64_t> used_{0};
};

/// What one connection is counted for in the OpeningBudget, from its beginning until it is let in.
class OpeningShare {
 public:
  /// What a connection whose stream is open counts for beside the bytes that it has read: itself, and
  /// what OpenSSL keeps between two records.
  static constexpr std::uint32_t bytes_when_open = 1024;
  static constexpr std::uint32_t bytes_when_open_with_tls = 32'768;

  /// `counted`: what it is counted for already.
  OpeningShare(OpeningBudget& budget, std::uint32_t counted) : budget_(budget), counted_(counted) {}
  ~OpeningShare() { shrink_to(0); }
  OpeningShare(const OpeningShare&) = delete;
  OpeningShare& operator=(const OpeningShare&) = delete;

  /// False: there is no room, and nothing has changed.
  bool change_to(std::uint32_t bytes, bool is_small) {
    if (!budget_.try_grow(counted_, bytes, is_small)) return false;
    counted_ = bytes;
    return true;
  }
  void shrink_to(std::uint32_t bytes) {
    if (counted_ <= bytes) return;
    budget_.add(std::int64_t{bytes} - counted_);
    counted_ = bytes;
  }
  /// The connection goes on elsewhere, and stays counted.
  std::uint32_t release() { return std::exchange(counted_, 0U); }

 private:
  OpeningBudget& budget_;
  std::uint32_t counted_;
};

}  // namespace broker

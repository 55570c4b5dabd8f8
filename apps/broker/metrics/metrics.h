#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "metrics/counters.h"

namespace broker {

/// The counters of all workers, and their sums. Made before the workers, outlives them. Each
/// worker's counters are written by its own thread; everything else here is for any thread.
class Metrics {
 public:
  explicit Metrics(std::size_t workers);

  Counters& of_worker(std::size_t worker) { return workers_[worker]; }
  const Counters& of_worker(std::size_t worker) const { return workers_[worker]; }
  std::size_t worker_count() const { return size_; }

  /// Sums over all workers, read one after the other: exact while the workers are idle.
  std::int64_t total(Count what) const;
  std::int64_t total(DropReason reason) const;
  std::int64_t total(DropKind kind) const;
  std::int64_t dropped() const;
  std::int64_t delivered() const;

  /// Deliveries that started and are in no state: 0 while the workers are idle. See Counters.
  std::int64_t unaccounted() const;

 private:
  const std::size_t size_;
  const std::unique_ptr<Counters[]> workers_;
};

}  // namespace broker

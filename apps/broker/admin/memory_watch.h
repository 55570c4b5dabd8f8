#pragma once

#include <array>
#include <cstdint>

#include "metrics/metrics.h"
#include "runtime/timer_wheel.h"
#include "session/session_context.h"

namespace broker {

/// Sets the HeapAccount's limit from the configuration (`memory_limit`), makes it measure every
/// second, and logs when the limit is reached and when it is cleared, with the refusals in between.
/// Lives on the first worker.
class MemoryWatch final : private TimerEntry {
 public:
  MemoryWatch(SessionContext& context, const Metrics& metrics)
      : context_(context), metrics_(metrics) {}
  /// Removes the limit.
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// Applies the current configuration. On the worker's thread.
  void configure();

 private:
  static constexpr Millis interval_ms = 1000;
  /// What was refused, by kind: the counters in the order of their names in the log.
  using Refused = std::array<std::int64_t, 5>;

  void on_timer() override;
  void tell();
  Refused refused() const;

  SessionContext& context_;
  const Metrics& metrics_;
  bool exhausted_ = false;  ///< as last logged
  Refused told_{};          ///< what has been logged
};

}  // namespace broker

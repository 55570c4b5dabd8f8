#pragma once

#include <array>
#include <cstdint>

#include "metrics/metrics.h"
#include "runtime/timer_wheel.h"
#include "session/session_context.h"

namespace broker {

/// Keeps the HeapAccount's limit what the configuration says (`memory_limit`), has it measure every
/// second, and tells in the log when the limit is reached, and when there is memory again and what
/// was refused meanwhile. Lives on the first worker.
class MemoryWatch final : private TimerEntry {
 public:
  MemoryWatch(SessionContext& context, const Metrics& metrics)
      : context_(context), metrics_(metrics) {}
  /// Without a broker there is no limit.
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// Takes over what the configuration says now. On the worker's thread.
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
  bool exhausted_ = false;  ///< as last told
  Refused told_{};          ///< what the log has told of
};

}  // namespace broker

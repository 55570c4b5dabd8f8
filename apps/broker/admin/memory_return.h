#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "runtime/heap_trim.h"
#include "runtime/timer_wheel.h"
#include "session/session_context.h"

namespace broker {

/// Checks regularly whether memory should be returned to the system (see HeapTrim), and does so on
/// a separate thread, at a quiet moment: when no worker is busy, or after a minute without such a
/// moment. Takes at most a thousandth of the time. Lives on the first worker.
class MemoryReturn final : private TimerEntry {
 public:
  MemoryReturn(SessionContext& context, const std::vector<Worker*>& workers);
  /// Waits for the thread.
  ~MemoryReturn();
  MemoryReturn(const MemoryReturn&) = delete;
  MemoryReturn& operator=(const MemoryReturn&) = delete;

  /// On the worker's thread.
  void start() { arm(); }

  static constexpr Millis interval_ms = 5000;

 private:
  void on_timer() override;
  void arm();
  bool is_due();
  bool is_quiet() const;
  void run();

  SessionContext& context_;
  const std::vector<Worker*>& workers_;
  const std::int64_t resident_at_start_;
  HeapTrim trim_;                ///< the thread's, while it runs
  std::atomic<Millis> cost_{0};  ///< of the last run
  std::atomic<bool> busy_{false};
  Millis ran_at_ = 0;
  int waited_ = 0;  ///< intervals without a quiet moment
  std::thread thread_;
};

}  // namespace broker

#pragma once

#include "runtime/timer_wheel.h"
#include "session/session_context.h"

namespace broker {

/// Removes expired retained messages every `retain_expiry_interval`, so that those that are never
/// requested do not stay. Lives on the first worker. Off unless the interval is set.
class RetainedPurge final : private TimerEntry {
 public:
  explicit RetainedPurge(SessionContext& context) : context_(context) {}
  /// On the worker's thread; again when the interval has changed.
  void start() { arm(); }

 private:
  void on_timer() override;
  void arm();

  SessionContext& context_;
};

}  // namespace broker

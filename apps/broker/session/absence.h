#pragma once

#include "message/message.h"
#include "runtime/timer_wheel.h"

namespace broker {

class Session;

/// The deadlines of a session without a connection, or whose Will waits. Not there while a client
/// is, so a connected session has no timer.
class Absence final : public TimerEntry {
 public:
  explicit Absence(Session& session) : session_(session) {}
  void on_timer() override;

  /// The next one of the two; `never` if there is none.
  Millis next() const { return expires_at < will_due_at ? expires_at : will_due_at; }

  Millis expires_at = never;
  Millis will_due_at = never;

 private:
  Session& session_;
};

}  // namespace broker

#pragma once

#include <cstdint>
#include <memory>

#include "message/message.h"
#include "message/will.h"
#include "runtime/timer_wheel.h"
#include "session/session_core.h"

namespace broker {

class Session;

/// The timer of a session without a connection, or whose Will waits. Not there while a client is,
/// so a connected session has no timer.
class Deadlines final : public TimerEntry {
 public:
  explicit Deadlines(Session& session) : session_(session) {}
  void on_timer() override;

  /// The next one of the two; `never` if there is none.
  Millis next() const { return expires_at < will_due_at ? expires_at : will_due_at; }

  Millis expires_at = never;
  Millis will_due_at = never;

 private:
  Session& session_;
};

/// What happens while no connection is there: the Will that is due at once, after its delay, or when
/// the session ends; and how long the session waits for its client.
///
/// A view of the session's state, made where it is used.
class Absence {
 public:
  Absence(SessionCore& core, std::unique_ptr<Will>& will, std::unique_ptr<Deadlines>& deadlines)
      : core_(core), will_(will), deadlines_(deadlines) {}

  /// A connection is there, with this Will (or none). A delayed Will of the connection before is
  /// withdrawn. [MQTT-3.1.2-7] [MQTT-3.1.3-9]
  void end(std::unique_ptr<Will> will);
  /// The connection is gone, and its Will is due, now or after its delay.
  void begin_with_will(Session& session);
  /// The session waits for its client, for as long as it lasts.
  void await_client(Session& session);
  /// A deadline has come. True if the session's life is over.
  bool on_deadline();

  /// Its client said goodbye, or may no longer be here.
  void withdraw_will() { will_.reset(); }
  /// Delayed or not.
  void publish_will_now();

  /// As a value.
  struct State {
    Millis expires_at = never;   ///< of a session without a connection
    Millis will_due_at = never;  ///< of a Will that waits for its delay
    std::unique_ptr<Will> will;  ///< nullptr: none
  };
  State take();
  void restore(State state, Session& session);

 private:
  Deadlines& deadlines(Session& session);
  void arm_timer();

  SessionCore& core_;
  std::unique_ptr<Will>& will_;
  std::unique_ptr<Deadlines>& deadlines_;
};

}  // namespace broker

#include "session/absence.h"

#include <algorithm>
#include <utility>

#include "log/shown_name.h"
#include "session/ask.h"
#include "session/dispatcher.h"
#include "session/publish_rules.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {
namespace {

constexpr Millis ms_per_s = 1000;
constexpr std::uint32_t never_expires = UINT32_MAX;

}  // namespace

void Deadlines::on_timer() {
  if (session_.absence().on_deadline()) session_.core().context.sessions.end(session_);
}

void Absence::end(std::unique_ptr<Will> will) {
  will_ = std::move(will);
  deadlines_.reset();
}

/// The Will waits for its delay or the end of the session, whichever comes first. [MQTT-3.1.2-8]
void Absence::begin_with_will(Session& session) {
  if (!will_) return;
  const std::uint32_t delay_s = std::min(will_->delay_s, core_.expiry_interval_s);
  if (delay_s == 0) return publish_will_now();
  deadlines(session).will_due_at = core_.worker().now() + delay_s * ms_per_s;
}

/// [MQTT-3.1.2-23]
void Absence::await_client(Session& session) {
  std::uint32_t life_s = core_.expiry_interval_s;
  if (const auto& limit = core_.config().sessions.persistent_client_expiration_s)
    life_s = std::min(life_s, *limit);
  if (life_s != never_expires)
    deadlines(session).expires_at = core_.worker().now() + life_s * ms_per_s;
  arm_timer();
}

bool Absence::on_deadline() {
  const Millis now = core_.worker().now();
  if (deadlines_->will_due_at <= now) publish_will_now();
  if (deadlines_->expires_at > now) {
    arm_timer();
    return false;
  }
  core_.counters().expire_session();  // [MQTT-4.1.0-2]
  core_.log().write(LogType::notice,
                    LogFields{.client = core_.client_id(), .user = core_.user_name()},
                    "Expiring client {} due to timeout.", ShownName{core_.client_id()});
  return true;
}

void Absence::publish_will_now() {
  if (deadlines_) deadlines_->will_due_at = never;
  const std::unique_ptr<Will> will = std::move(will_);  // [MQTT-3.1.2-10]
  if (!will) return;                                    // [MQTT311-3.1.2-12]
  MessageView message = will->message->view();
  message.publisher = core_.id();
  message.origin = origin_of(core_, message.retain);
  if (mqtt::is_error(refusal(core_, message))) return core_.counters().refuse_publish();
  if (will->expiry_s != 0) message.expires_at = core_.worker().now() + will->expiry_s * ms_per_s;
  Dispatcher& dispatcher = core_.context.dispatcher;
  // The session may be over by the time that the verdict is there.
  const Verdict verdict = ask(
      core_, Access::publish, message.topic.text(), [&] { return Message::create(message); },
      [&dispatcher](Session*, const MessagePtr& kept, Answered answered) {
        if (!answered.allowed) return;
        Publication publication(kept);
        dispatcher.publish(publication);
      });
  if (verdict == Verdict::deny) core_.counters().refuse_publish();
  if (verdict != Verdict::allow) return;
  Publication publication(message);
  dispatcher.publish(publication);  // [MQTT-3.1.2-14] [MQTT-3.1.2-15]: retain as the Will says
}

Absence::State Absence::take() {
  State state;
  if (deadlines_) {
    state.expires_at = deadlines_->expires_at;
    state.will_due_at = deadlines_->will_due_at;
  }
  state.will = std::move(will_);
  deadlines_.reset();
  return state;
}

void Absence::restore(State state, Session& session) {
  will_ = std::move(state.will);
  if (state.expires_at == never && state.will_due_at == never) return;
  deadlines(session).expires_at = state.expires_at;
  deadlines_->will_due_at = state.will_due_at;
  arm_timer();
}

Deadlines& Absence::deadlines(Session& session) {
  if (!deadlines_) deadlines_ = std::make_unique<Deadlines>(session);
  return *deadlines_;
}

void Absence::arm_timer() {
  if (!deadlines_) return;
  TimerWheel& timers = core_.worker().timers();
  if (const Millis next = deadlines_->next(); next != never) {
    timers.arm(*deadlines_, next);
  } else {
    timers.disarm(*deadlines_);
  }
}

}  // namespace broker

#include "session/session.h"

#include <algorithm>
#include <utility>

#include "log/shown_name.h"
#include "session/ask.h"
#include "session/dispatcher.h"
#include "session/publish_rules.h"
#include "session/session_table.h"

namespace broker {
namespace {

constexpr Millis ms_per_s = 1000;
constexpr std::uint32_t never_expires = UINT32_MAX;

}  // namespace

void Absence::on_timer() {
  session_.on_deadline();
}

Session::Session(SessionContext& context, SessionId id, std::string_view client_id)
    : core_(context, id, client_id) {
  core_.counters().add_sessions(+1);
}

Session::~Session() {
  core_.counters().add_sessions(-1);
}

// --- The connection comes and goes

void Session::attach(Terms terms) {
  core_.sink = terms.sink;
  core_.counters().add_connected(+1);
  core_.version = terms.version;
  core_.bridge = terms.bridge;
  core_.listener = terms.listener;
  core_.max_qos = terms.max_qos;
  core_.retain_available = terms.retain_available;
  core_.expiry_interval_s = terms.expiry_interval_s;
  core_.send_window = terms.send_window;
  core_.receive_window = terms.receive_window;
  set_details(std::move(terms.user_name), std::move(terms.topics));
  ++core_.attachment;
  // A delayed Will of the connection before is withdrawn. [MQTT-3.1.2-7] [MQTT-3.1.3-9]
  will_ = std::move(terms.will);
  absence_.reset();
  incoming().on_attached();
  outgoing().on_attached();
}

/// Most clients have neither a user name nor a mount point, and pay for none.
void Session::set_details(std::string user_name, TopicMap topics) {
  core_.details.reset();
  if (user_name.empty() && topics.is_identity()) return;
  core_.details = std::make_unique<const SessionCore::Details>(
      SessionCore::Details{std::move(user_name), std::move(topics)});
}

void Session::make_way(bool clean_start) {
  const bool ends = clean_start || !durable();
  if (core_.sink != nullptr) {
    core_.counters().add(Count::sessions_taken_over);
    core_.sink->session_taken_over();
    if (!durable()) return connection_lost(Departure::lost);  // destroys *this
    connection_lost(ends ? Departure::lost : Departure::taken_over_by_resume);
  }
  if (ends) core_.context.sessions.end(*this);  // destroys *this [MQTT-3.1.2-4]
}

void Session::connection_lost(Departure departure) {
  core_.sink = nullptr;
  core_.counters().add_connected(-1);
  core_.waiting_answers.reset();
  subscriptions().on_connection_lost();
  incoming().on_connection_lost();
  outgoing().on_connection_lost();
  if (departure != Departure::lost) will_.reset();  // [MQTT-3.1.2-10]

  const Millis now = core_.worker().now();
  if (will_) {
    // The Will waits for its delay or the end of the session, whichever comes first. [MQTT-3.1.2-8]
    const std::uint32_t delay_s = std::min(will_->delay_s, core_.expiry_interval_s);
    if (delay_s == 0) {
      publish_will_now();
    } else {
      absence().will_due_at = now + delay_s * ms_per_s;
    }
  }
  if (departure == Departure::taken_over_by_resume) return;
  if (!durable()) {
    core_.context.sessions.end(*this);  // destroys *this [MQTT-4.1.0-2]
    return;
  }
  // It lives on. [MQTT-3.1.2-23]
  std::uint32_t life_s = core_.expiry_interval_s;
  if (const auto& limit = core_.config().sessions.persistent_client_expiration_s)
    life_s = std::min(life_s, *limit);
  if (life_s != never_expires) absence().expires_at = now + life_s * ms_per_s;
  arm_timer();
}

Checked<> Session::change_expiry_interval(std::uint32_t seconds) {
  if (!durable() && seconds != 0) {  // MQTT 5.0 section 3.14.2.2.2
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error,
                  "DISCONNECT sets a Session Expiry Interval that CONNECT had left at 0"});
  }
  core_.expiry_interval_s = seconds;
  return {};
}

void Session::on_reload(std::uint16_t listener) {
  core_.listener = listener;
  outgoing().on_access_changed();
  outgoing().on_room();
}

// --- Its end

Absence& Session::absence() {
  if (!absence_) absence_ = std::make_unique<Absence>(*this);
  return *absence_;
}

void Session::arm_timer() {
  if (!absence_) return;
  TimerWheel& timers = core_.worker().timers();
  const Millis next = absence_->next();
  if (next == never) {
    timers.disarm(*absence_);
  } else {
    timers.arm(*absence_, next);
  }
}

void Session::on_deadline() {
  const Millis now = core_.worker().now();
  if (absence_->will_due_at <= now) publish_will_now();
  if (absence_->expires_at > now) return arm_timer();
  core_.counters().expire_session();  // [MQTT-4.1.0-2]
  core_.log().write(LogType::notice, LogFields{.client = client_id(), .user = user_name()},
                    "Expiring client {} due to timeout.", ShownName{client_id()});
  core_.context.sessions.end(*this);  // destroys *this
}

void Session::publish_will_now() {
  if (absence_) absence_->will_due_at = never;
  const std::unique_ptr<Will> will = std::move(will_);  // [MQTT-3.1.2-10]
  if (!will) return;                                    // [MQTT311-3.1.2-12]
  MessageView message = will->message->view();
  message.publisher = id();
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

/// What belongs to the session goes; retained messages do not. [MQTT311-3.1.2-7]
void Session::wind_up() {
  publish_will_now();  // the session ends before the delay has passed [MQTT-3.1.2-8]
  if (subscriptions_) core_.context.ended_subscriptions.add(id(), std::move(subscriptions_));
  // What came through share groups goes to members that are still there.
  if (outgoing_) {
    core_.context.sessions.hand_over().take(
        {std::move(outgoing_->sender), std::move(outgoing_->queue)});
    outgoing_.reset();
  }
}

// --- As a value

bool Session::is_quiet() {
  return incoming().is_quiet() && outgoing().is_quiet() && subscriptions().is_quiet() &&
         !core_.waiting_answers;
}

SessionState Session::freeze() {
  SessionState state;
  state.client_id = client_id();
  state.user_name = user_name();
  state.mount_point = core_.topics().mount_point();
  state.listener = core_.listener;
  state.version = core_.version;
  state.bridge = core_.bridge;
  state.expiry_interval_s = core_.expiry_interval_s;
  if (absence_) {
    state.expires_at = absence_->expires_at;
    state.will_due_at = absence_->will_due_at;
  }
  state.will = std::move(will_);
  absence_.reset();
  if (subscriptions_) {
    state.subscriptions = *subscriptions_;
    core_.context.ended_subscriptions.add(id(), std::move(subscriptions_));
  }
  state.incoming = incoming().take();
  state.outgoing = outgoing().take();
  if (std::exchange(core_.sink, nullptr) != nullptr) core_.counters().add_connected(-1);
  return state;
}

void Session::thaw(SessionState state) {
  set_details(std::move(state.user_name), TopicMap(std::move(state.mount_point)));
  core_.listener = state.listener;
  core_.version = state.version;
  core_.bridge = state.bridge;
  core_.expiry_interval_s = state.expiry_interval_s;
  will_ = std::move(state.will);
  if (state.expires_at != never || state.will_due_at != never) {
    absence().expires_at = state.expires_at;
    absence_->will_due_at = state.will_due_at;
    arm_timer();
  }
  subscriptions().restore(std::move(state.subscriptions));
  incoming().restore(state.incoming);
  outgoing().restore(std::move(state.outgoing));
}

}  // namespace broker

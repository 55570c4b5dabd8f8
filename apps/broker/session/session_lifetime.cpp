/// A session from its first connection to its end: attachment, departure, expiry, the Will.

#include <algorithm>
#include <utility>

#include "log/shown_name.h"
#include "session/dispatcher.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {
namespace {

constexpr Millis ms_per_s = 1000;
constexpr std::uint32_t never_expires = UINT32_MAX;

}  // namespace

Session::Session(SessionContext& context, SessionId id, std::string_view client_id)
    : context_(context), name_{ClientId(client_id), id} {
  context_.counters.add_sessions(+1);
}

Session::~Session() {
  context_.counters.add_sessions(-1);
}

void Session::attach(Terms terms) {
  sink_ = terms.sink;
  context_.counters.add_connected(+1);
  version_ = terms.version;
  bridge_ = terms.bridge;
  listener_ = terms.listener;
  max_qos_ = terms.max_qos;
  retain_available_ = terms.retain_available;
  expiry_interval_s_ = terms.expiry_interval_s;
  send_window_ = terms.send_window;
  receive_window_ = terms.receive_window;
  user_name_.reset();
  if (!terms.user_name.empty())
    user_name_ = std::make_unique<const std::string>(std::move(terms.user_name));
  // A delayed Will of the connection before is withdrawn. [MQTT-3.1.2-7] [MQTT-3.1.3-9]
  will_ = std::move(terms.will);
  absence_.reset();
  ++attachment_;
  if (inbound_) inbound_->set_window(receive_window_);
  if (outbound_) {
    outbound_->sender.set_window(send_window_);
    outbound_->overflow_reported = false;
  }
}

void Session::resume() {
  if (!outbound_) return;
  drop_unauthorised();
  send_waiting();
}

void Session::make_way(bool clean_start) {
  const bool ends = clean_start || !durable();
  if (sink_ != nullptr) {
    context_.counters.add(Count::sessions_taken_over);
    sink_->session_taken_over();
    if (!durable()) return connection_lost(Departure::lost);  // destroys *this
    connection_lost(ends ? Departure::lost : Departure::taken_over_by_resume);
  }
  if (ends) context_.sessions->end(*this);  // destroys *this [MQTT-3.1.2-4]
}

void Session::connection_lost(Departure departure) {
  sink_ = nullptr;
  context_.counters.add_connected(-1);
  abandon_request();
  if (inbound_) inbound_->on_connection_lost();
  if (outbound_) outbound_->sender.on_connection_lost();
  if (departure != Departure::lost) will_.reset();  // [MQTT-3.1.2-10]

  const Millis now = context_.worker.now();
  if (will_) {
    // The Will waits for its delay or the end of the session, whichever comes first. [MQTT-3.1.2-8]
    const std::uint32_t delay_s = std::min(will_->delay_s, expiry_interval_s_);
    if (delay_s == 0) {
      publish_will_now();
    } else {
      absence().will_due_at = now + delay_s * ms_per_s;
    }
  }
  if (departure == Departure::taken_over_by_resume) return;
  if (expiry_interval_s_ == 0) {
    context_.sessions->end(*this);  // destroys *this [MQTT-4.1.0-2]
    return;
  }
  // It lives on. [MQTT-3.1.2-23]
  std::uint32_t life_s = expiry_interval_s_;
  if (const auto& limit = config().sessions.persistent_client_expiration_s)
    life_s = std::min(life_s, *limit);
  if (life_s != never_expires) absence().expires_at = now + life_s * ms_per_s;
  if (absence_) arm_timer(*absence_);
}

void Session::withdraw_will() {
  will_.reset();
}

Checked<> Session::change_expiry_interval(std::uint32_t seconds) {
  if (expiry_interval_s_ == 0 && seconds != 0) {  // MQTT 5.0 section 3.14.2.2.2
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error,
                  "DISCONNECT sets a Session Expiry Interval that CONNECT had left at 0"});
  }
  expiry_interval_s_ = seconds;
  return {};
}

void Session::arm_timer(Absence& away) {
  const Millis next = std::min(away.expires_at, away.will_due_at);
  if (next == never) {
    context_.worker.timers().disarm(away);
  } else {
    context_.worker.timers().arm(away, next);
  }
}

void Session::on_deadline() {
  const Millis now = context_.worker.now();
  if (absence_->will_due_at <= now) publish_will_now();
  if (absence_->expires_at <= now) {
    context_.counters.expire_session();  // [MQTT-4.1.0-2]
    context_.log.write(LogType::notice, LogFields{.client = client_id(), .user = user_name()},
                       "Expiring client {} due to timeout.", ShownName{client_id()});
    context_.sessions->end(*this);  // destroys *this
    return;
  }
  arm_timer(*absence_);
}

Session::Absence& Session::absence() {
  if (!absence_) absence_ = std::make_unique<Absence>(*this);
  return *absence_;
}

void Session::publish_will_now() {
  if (absence_) absence_->will_due_at = never;
  const std::unique_ptr<Will> will = std::move(will_);  // [MQTT-3.1.2-10]
  if (!will) return;                                    // [MQTT311-3.1.2-12]
  MessageView message = will->message->view();
  message.publisher = id();
  message.origin = origin_of(message.retain);
  if (mqtt::is_error(refusal(message))) return context_.counters.refuse_publish();
  if (will->expiry_s != 0) message.expires_at = context_.worker.now() + will->expiry_s * ms_per_s;
  if (context_.access.active()) {
    SessionContext& context = context_;
    const auto make_answer = [&]() -> Authoriser::Answer {
      return [&context, kept = Message::create(message)](bool allowed) {
        if (!allowed) return;
        Publication publication(kept);
        context.dispatcher->publish(publication);
      };
    };
    const Verdict verdict =
        context_.access.authorise({context_.worker, client_id(), user_name(), message.topic.text(),
                                   Access::publish, listener_},
                                  make_answer);
    if (verdict == Verdict::deny) context_.counters.refuse_publish();
    if (verdict != Verdict::allow) return;
  }
  Publication publication(message);
  context_.dispatcher->publish(
      publication);  // [MQTT-3.1.2-14] [MQTT-3.1.2-15]: retain as the Will says
}

/// What belongs to the session goes; retained messages do not. [MQTT311-3.1.2-7]
void Session::wind_up() {
  publish_will_now();  // the session ends before the delay has passed [MQTT-3.1.2-8]
  if (subscriptions_) context_.ended_subscriptions.add(id(), std::move(subscriptions_));
  // What came through share groups goes to members that are still there.
  if (outbound_) {
    context_.sessions->hand_over().take(
        {std::move(outbound_->sender), std::move(outbound_->queue)});
    outbound_.reset();
  }
}

}  // namespace broker

#include "session/session.h"

#include <cassert>
#include <utility>

#include "session/session_table.h"

namespace broker {
Session::Session(SessionContext& context, SessionId id, std::string_view client_id)
    : core_(context, id, client_id) {
  core_.counters().add_sessions(+1);
}

Session::~Session() {
  core_.counters().add_sessions(-1);
}

// --- The connection comes and goes

void Session::attach(Terms terms) {
  assert(core_.worker().is_current());
  core_.connection = terms.sink;
  core_.connack_sent = false;
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
  absence().end(std::move(terms.will));
  incoming().on_attached();
  outgoing().on_attached();
}

void Session::resume() {
  core_.connack_sent = true;
  outgoing().resume();
}

/// Most clients have neither a user name nor a mount point, and pay for none.
void Session::set_details(std::string user_name, TopicMap topics) {
  core_.details.reset();
  if (user_name.empty() && topics.is_identity()) return;
  core_.details = std::make_unique<const SessionCore::Details>(
      SessionCore::Details{std::move(user_name), std::move(topics)});
}

void Session::make_way(bool clean_start) {
  assert(core_.worker().is_current());
  const bool ends = clean_start || !durable();
  if (core_.connection != nullptr) {
    core_.counters().add(Count::sessions_taken_over);
    core_.connection->session_taken_over();
    if (!durable()) return connection_lost(Departure::lost);  // destroys *this
    connection_lost(ends ? Departure::lost : Departure::taken_over_by_resume);
  }
  if (ends) core_.context.sessions.end(*this);  // destroys *this [MQTT-3.1.2-4]
}

void Session::connection_lost(Departure departure) {
  assert(core_.worker().is_current());
  const bool was_let_in = core_.connack_sent;
  core_.connection = nullptr;
  core_.connack_sent = false;
  core_.counters().add_connected(-1);
  core_.waiting_answers.reset();
  subscriptions().on_connection_lost();
  incoming().on_connection_lost();
  outgoing().on_connection_lost();
  // A connection that was never acknowledged has left no Will. [MQTT-3.1.2-8] [MQTT-3.1.2-10]
  if (departure != Departure::lost || !was_let_in) absence().withdraw_will();
  absence().begin_with_will(*this);
  if (departure == Departure::taken_over_by_resume) return;
  if (durable()) return absence().await_client(*this);
  core_.context.sessions.end(*this);  // destroys *this [MQTT-4.1.0-2]
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

/// What belongs to the session goes; retained messages do not. [MQTT311-3.1.2-7]
void Session::wind_up() {
  absence().publish_will_now();  // the session ends before the delay has passed [MQTT-3.1.2-8]
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
  state.user_name = core_.user_name();
  state.mount_point = core_.topics().mount_point();
  state.listener = core_.listener;
  state.version = core_.version;
  state.bridge = core_.bridge;
  state.expiry_interval_s = core_.expiry_interval_s;
  state.absence = absence().take();
  if (subscriptions_) {
    state.subscriptions = *subscriptions_;
    core_.context.ended_subscriptions.add(id(), std::move(subscriptions_));
  }
  state.incoming = incoming().take();
  state.outgoing = outgoing().take();
  core_.connack_sent = false;
  if (std::exchange(core_.connection, nullptr) != nullptr) core_.counters().add_connected(-1);
  return state;
}

void Session::thaw(SessionState state) {
  set_details(std::move(state.user_name), TopicMap(std::move(state.mount_point)));
  core_.listener = state.listener;
  core_.version = state.version;
  core_.bridge = state.bridge;
  core_.expiry_interval_s = state.expiry_interval_s;
  absence().restore(std::move(state.absence), *this);
  subscriptions().restore(std::move(state.subscriptions));
  incoming().restore(state.incoming);
  outgoing().restore(std::move(state.outgoing));
}

}  // namespace broker

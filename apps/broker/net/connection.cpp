#include "net/connection.h"

#include <cassert>
#include <utility>

#include "log/shown_name.h"
#include "net/closing_reason.h"
#include "net/connection_table.h"
#include "runtime/heap_account.h"
#include "session/dispatcher.h"

namespace broker {
namespace {

/// A client that is being disconnected is given this long to take the last bytes.
constexpr Millis closing_deadline_ms = 5'000;
/// The largest packet before the client is known.
constexpr std::size_t max_opening_packet = 100'000;
/// What a client may have sent of a packet that is not complete while memory_limit is reached.
constexpr std::size_t max_incomplete_when_exhausted = 65'536;

}  // namespace

Connection::Connection(ConnectionContext& context, mqtt::io::StreamPtr stream,
                       std::uint16_t listener)
    : ConnectionOutput(context, std::move(stream)),
      reader_(max_opening_packet),
      peer_(stream_->peer()),
      listener_(listener) {
  counters().add_sockets(+1);
}

Connection::~Connection() {
  counters().add_sockets(-1);
  if (state_ != State::moving) context_.admission.leave(listener_);
}

void Connection::start(OpeningState state) {
  last_received_ = worker().now();
  const std::vector<std::uint8_t> read = std::move(state.read);
  reader_.feed(read);
  reader_.keep_unread();
  opening_ = context_.make_opening(*this, std::move(state));
  if (read.empty()) lines().accepted(listener_config().port);  // otherwise another worker did
  stream_->set_handler(this);
  stream_->start();
  check_listener();  // which may have gone while the socket was on its way here
  process();
  if (opening_ && !read.empty()) opening_->on_unread();
}

// --- Input

/// Behind a proxy it is known only now who the peer is.
void Connection::on_open() {
  if (stream_->proxy() != nullptr) peer_ = PeerAddress(stream_->peer());
  if (state_ == State::opening) opening_->on_open();
}

void Connection::on_data(mqtt::ByteView bytes) {
  assert(worker().is_current());
  counters().receive_bytes(bytes.size());
  // What other workers have acknowledged before these bytes were sent is delivered before them.
  const bool in_time = worker().open_mail_in_time();
  if (state_ == State::closing) return;
  last_received_ = worker().now();
  if (state_ == State::opening && reader_.unread_size() == 0) {
    const std::string_view complaint = opening_->complaint_about(bytes.front());
    if (!complaint.empty())
      return reject(mqtt::ReasonCode::protocol_error, complaint, /*tell=*/false);
  }
  reader_.feed(bytes);
  if (in_time) {
    process();
  } else if (takes_input() && reader_.unread_size() != 0) {
    process_later(/*held_back=*/false);
  }
  reader_.keep_unread();
  if (state_ == State::opening) opening_->on_unread();
  context_.table.note_first(*this);
  // The rest of the packet would take what is not there. While input waits it grows no further.
  if (heap_account.exhausted() && reader_.unread_size() > max_incomplete_when_exhausted &&
      takes_input()) {
    counters().add(Count::memory_closed_connections);
    reject(mqtt::ReasonCode::quota_exceeded, "memory limit reached");
  }
}

/// Packet after packet, until the share of work is used up that the connection may cause at a time.
void Connection::process() {
  const std::uint64_t end = worker().work_done() + InputQueue::share;
  while (takes_input()) {
    if (worker().work_done() >= end) return process_later(/*held_back=*/false);
    if (context_.sessions.dispatcher.must_wait()) return process_later(/*held_back=*/true);
    const mqtt::FrameResult result = reader_.next();
    switch (result.status) {
      case mqtt::FrameStatus::need_more:
        return;
      case mqtt::FrameStatus::malformed:
        reject(result.malformed);
        return;
      case mqtt::FrameStatus::frame:
        worker().count_work(1);
        counters().receive_packet();
        if (opening_) [[unlikely]] {
          opening_->on_packet(result.frame);
        } else {
          context_.gate[result.frame.type_number()](*this, result.frame);
        }
        if (context_.sessions.dispatcher.take_overload()) return process_later(true);
    }
  }
}

/// Others first; `held_back`: it publishes more than another worker takes.
void Connection::process_later(bool held_back) {
  if (!takes_input() || (!held_back && reader_.unread_size() == 0)) return;
  queued_ = true;
  held_back ? context_.input.hold_back(*this) : context_.input.add(*this);
  pause_input();
}

void Connection::take_turn() {
  queued_ = false;
  if (stream_ == nullptr) return;
  process();
  reader_.keep_unread();
  if (state_ == State::opening) opening_->on_unread();
  after_input();
}

/// Of input that had waited.
void Connection::after_input() {
  if (stream_ == nullptr) return;
  context_.table.note_first(*this);
  const bool stream_ended = extensions_ && extensions_->stream_end;
  if (stream_ended && !queued_ && !waiting_) return end_with_stream(*extensions_->stream_end);
  resume_input();
}

bool Connection::takes_input() const {
  // What follows a refused CONNECT or a DISCONNECT is not looked at. [MQTT-3.1.4-6] [MQTT-3.14.4-1]
  const bool expects_something = state_ == State::let_in || state_ == State::opening;
  return expects_something && !waiting_ && !queued_ && !disconnecting_;
}

/// Before the client is let in, the stream goes on until something comes (see Opening::on_unread): so
/// it is noticed when the client leaves.
void Connection::wait_for_answer() {
  waiting_ = true;
  if (state_ == State::let_in) pause_input();
}

void Connection::continue_input() {
  stop_waiting();
  go_on();
}

void Connection::go_on() {
  if (waiting_) return;
  last_received_ = worker().now();
  process();
  after_input();
}

void Connection::reject_input(mqtt::ReasonCode reason, std::string_view detail) {
  stop_waiting();
  reject(reason, detail);
}

void Connection::pause_input() {
  if (paused_) return;
  paused_ = true;
  last_received_ =
      worker().now();  // what the client sends from here on is not seen: it has its full time
  stream_->pause();
}

void Connection::resume_input() {
  if (!paused_ || waiting_ || queued_ || backlog_over_limit() || state_ == State::moving) return;
  paused_ = false;
  last_received_ = worker().now();
  stream_->resume();
}

void Connection::on_timer() {
  if (state_ == State::closing) return drop();
  if (state_ == State::opening) return opening_->on_deadline();
  if (state_ == State::let_in) watch_keep_alive();
}

void Connection::watch_keep_alive() {
  const Millis now = worker().now();
  if (waiting_) last_received_ = now;  // what the client sends is not read: it is not to blame
  const Millis deadline = keep_alive_.peer_deadline(mqtt::KeepAlive::Time(last_received_)).count();
  if (now >= deadline)
    return close(Session::Departure::lost, "exceeded timeout");  // [MQTT-3.1.2-22]
  arm(deadline);
}

// --- The opening, and what follows it

void Connection::move_to(std::uint16_t worker) {
  state_ = State::moving;
  pause_input();
  context_.table.move(*this, worker);
}

void Connection::hand_over(std::uint16_t worker_index) {
  if (stream_ == nullptr || state_ != State::moving) return;
  std::unique_ptr<mqtt::io::DetachedStream> detached = stream_->detach();
  if (!detached) {  // it broke meanwhile
    state_ = State::closing;
    opening_->end();
    return drop();
  }
  OpeningState state = opening_->move_away();
  const std::vector<std::uint8_t> unread = reader_.take_unread();
  state.read.insert(state.read.end(), unread.begin(), unread.end());
  ConnectionTable& there = context_.table.at(worker_index);
  there.worker().post(make_letter([&there, detached = std::move(detached), state = std::move(state),
                                   listener = listener_]() mutable {
    there.add(detached->attach(there.worker().loop()), listener).start(std::move(state));
  }));
  worker().timers().disarm(*this);
  stream_.reset();
  context_.table.bury(*this);
}

void Connection::attach(Session& session, Session::Terms terms) {
  session_ = &session;
  terms.sink = this;
  session.attach(std::move(terms));
}

void Connection::let_in(const Agreement& agreement) {
  const std::unique_ptr<Opening> over = std::move(opening_);  // which has called
  state_ = State::let_in;
  is_let_in_ = true;
  by_password_ = agreement.by_password;
  keep_alive_ = agreement.keep_alive;
  receive_alias_maximum_ = agreement.receive_alias_maximum;
  if (agreement.send_alias_maximum != 0) {  // [MQTT-3.1.2-26] [MQTT-3.1.2-27]
    extensions().sent_aliases =
        std::make_unique<mqtt::SentTopicAliases>(agreement.send_alias_maximum);
  }
  reader_.set_max_packet_size(config().limits.max_packet_size_bytes);
  last_received_ = worker().now();
  keep_alive_.enabled() ? watch_keep_alive() : worker().timers().disarm(*this);
  session_->resume();
}

void Connection::session_kept() {
  if (opening_) opening_->on_session_kept();
}

// --- The end

void Connection::reject(const mqtt::Malformed& malformed) {
  if (state_ == State::opening) return opening_->on_malformed(malformed);
  reject(malformed.reason, malformed.detail, malformed.reply != mqtt::Malformed::Reply::none);
}

/// [MQTT-4.13.1-1] [MQTT-4.13.2-1] No DISCONNECT of the broker has properties, [MQTT-3.14.2-2] and none
/// comes before CONNACK. [MQTT-3.14.0-1]
void Connection::reject(mqtt::ReasonCode reason, std::string_view detail, bool tell) {
  if (tell && is_v5() && state_ == State::let_in) send_disconnect(reason);
  if (tell && state_ == State::opening) opening_->on_rejected(reason);
  close(Session::Departure::lost, closing_reason(reason), detail);
}

void Connection::close(Session::Departure departure, std::string_view reason,
                       std::string_view detail) {
  if (state_ == State::closing) return;
  log_disconnected(reason, detail);
  let_go_of_session(departure);
  begin_closing();
}

/// The last bytes go out at the end of the turn, then the stream is ended in order. [MQTT-3.14.4-2]
void Connection::begin_closing() {
  if (extensions_ && extensions_->stream_end) return drop();
  if (paused_) {
    paused_ = false;
    stream_->resume();
  }
  worker().timers().arm(*this, worker().now() + closing_deadline_ms);
  output_gathered(0);
}

void Connection::let_go_of_session(Session::Departure departure) {
  state_ = State::closing;
  is_let_in_ = false;
  if (opening_) opening_->end();
  if (Authentication* const enhanced = authentication()) enhanced->stop();
  if (Session* session = std::exchange(session_, nullptr)) session->connection_lost(departure);
}

void Connection::disconnect(mqtt::ReasonCode reason) {
  if (session_ == nullptr || disconnecting_) return;
  if (is_v5() && is_let_in_) send_disconnect(reason);
  if (!disconnecting_) end_with_turn(reason);
}

void Connection::end_with_turn(mqtt::ReasonCode reason) {
  log_disconnected(closing_reason(reason));
  disconnecting_ = true;
  output_gathered(0);
}

/// The client is told; its Will, which was its word as someone who may be here, is not published.
void Connection::check_again(const AccessFiles& before, const AccessFiles& after) {
  if (state_ != State::let_in || disconnecting_ || !by_password_) return;
  const bool anonymous_allowed = config().allows_anonymous(listener_config());
  const SessionCore& core = session_->core();
  if (is_still_known(before, after, listener_, core.user_name(), anonymous_allowed)) return;
  log().write(LogType::notice, LogFields{.client = core.client_id(), .user = core.user_name()},
              "Client {} is not authorised any more.", ShownName{core.client_id()});
  session_->absence().withdraw_will();
  disconnect(mqtt::ReasonCode::not_authorized);
}

/// As when the broker stops: who has a Will has it published.
void Connection::check_listener() {
  if (!listener_config().gone || state_ == State::closing || state_ == State::moving) return;
  reject(mqtt::ReasonCode::administrative_action, {}, /*tell=*/state_ == State::let_in);
}

void Connection::session_taken_over() {
  if (state_ == State::closing) return;
  if (is_v5() && is_let_in_ && !disconnecting_)
    send_disconnect(mqtt::ReasonCode::session_taken_over);
  log_disconnected(closing_reason(mqtt::ReasonCode::session_taken_over));
  session_ = nullptr;  // it is no longer ours to speak to
  let_go_of_session(Session::Departure::lost);
  begin_closing();
}

/// What the client had sent before is heard first, when its turn comes.
void Connection::on_end(const mqtt::io::StreamEnd& end) {
  const bool is_heard_out = state_ != State::let_in || (!queued_ && !waiting_);
  if (is_heard_out) return end_with_stream(end);
  extensions().stream_end = end;
}

void Connection::end_with_stream(const mqtt::io::StreamEnd& end) {
  using Cause = mqtt::io::StreamEnd::Cause;
  if (state_ != State::closing) {
    if (end.cause == Cause::closed_by_peer) {
      log_disconnected("connection closed by client");
    } else if (end.cause == Cause::protocol) {
      log_disconnected(closing_reason(mqtt::ReasonCode::protocol_error), end.text);
    } else {
      log_disconnected(end.text);
    }
    let_go_of_session(Session::Departure::lost);
  }
  drop();
}

/// Gone without ceremony: nothing can be sent any more, or nothing needs to be.
void Connection::drop() {
  worker().timers().disarm(*this);
  stream_.reset();
  context_.table.bury(*this);
}

// --- The end of a turn

void Connection::note_output() {
  context_.table.note(*this);
}

void Connection::end_turn() {
  dirty_ = false;
  if (disconnecting_) close(Session::Departure::lost, {});
  if (state_ == State::closing) reader_.take_unread();  // what was read is not looked at any more
  flush();
  settle_output();
}

void Connection::settle_output() {
  if (stream_ == nullptr) return;
  if (blocked_) {
    if (backlog_over_limit()) pause_input();
  } else if (state_ == State::closing) {
    stream_->finish();
  }
}

void Connection::on_writable() {
  blocked_ = false;
  flush_early();
  settle_output();
  if (blocked_) return;
  resume_input();
  offer_room();
}

// --- The log

Opening::Names Connection::names() const {
  if (session_ != nullptr) return {session_->client_id(), session_->core().user_name()};
  return opening_ ? opening_->names() : Opening::Names();
}

ConnectionLog Connection::lines() {
  const auto [id, user] = names();
  return {context_.sessions.here,
          context_.log_rates,
          *stream_,
          {peer_.address(), peer_.port(), id, user}};
}

/// Once: who is being disconnected has had its line.
void Connection::log_disconnected(std::string_view reason, std::string_view detail) {
  if (stream_ == nullptr || disconnecting_) return;
  lines().ended(name(listener_config()), reason, detail);
}

}  // namespace broker

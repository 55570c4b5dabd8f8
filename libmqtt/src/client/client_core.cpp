// A connection's life: attempt, flush, end, and the next attempt.
#include "client_core.h"

#include <utility>

namespace mqtt::client {

using Cause = ConnectionEnd::Cause;

namespace {

/// What the first bytes of a server show that does not speak MQTT here; empty: nothing.
std::string_view foreign_protocol(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\x15\x03")) return "the answer is TLS, not MQTT";
  if (text.starts_with("HTTP/")) return "the answer is HTTP, not MQTT";
  return {};
}

}  // namespace

Client::Core::Core(io::Loop& loop, ClientOptions options, ClientHandler& handler,
                   Transport transport)
    : loop_(loop),
      options_(std::move(options)),
      handler_(&handler),
      transport_(std::move(transport)),
      session_(std::move(options_.connect)),
      backoff_(options_.reconnect.value_or(ReconnectPolicy{})),
      wait_(std::in_place, loop, [this] { on_wait_over(); }),
      keep_alive_(std::in_place, loop, [this] { on_keep_alive(); }) {}

void Client::Core::abandon() {
  handler_ = nullptr;
  stream_.reset();
  wait_.reset();
  keep_alive_.reset();
  session_.set_trace({});
  queue_.clear();
  in_flight_.clear();
  requests_.clear();
  written_.clear();
}

ClientSession::Time Client::Core::now() const {
  return ClientSession::Time(uv_now(loop_.uv()));
}

// --- the beginning ---------------------------------------------------------------------------

void Client::Core::connect() {
  if (state_ == State::idle || state_ == State::waiting) open();
}

void Client::Core::open() {
  auto stream = transport_(loop_);
  if (!stream) return end_later({Cause::unreachable, std::move(stream.error())});
  state_ = State::opening;
  wait_->start(options_.connect_timeout);
  stream_ = std::move(*stream);
  stream_->set_handler(this);
  stream_->start();
}

void Client::Core::on_open() {
  const auto self = shared_from_this();
  if (state_ != State::opening) return;
  state_ = State::connecting;
  session_.connect(now(), output_.end());
  flush();
}

// --- bytes -----------------------------------------------------------------------------------

void Client::Core::on_data(ByteView bytes) {
  const auto self = shared_from_this();
  if (state_ == State::connecting) {
    if (const auto text = foreign_protocol(bytes); !text.empty()) {
      return finish({Cause::lost, std::string(text)});
    }
  }
  session_.feed(bytes, now());
  handle_events();
}

void Client::Core::on_writable() {
  const auto self = shared_from_this();
  handle_events();
}

/// Hands over to the stream what it takes. In the state closing, the last byte is followed by the
/// orderly end.
void Client::Core::flush() {
  if (!stream_ || state_ == State::opening) return;
  if (output_.size() != 0) output_.take(stream_->write(output_.unsent()));
  if (state_ == State::closing && output_.size() == 0) stream_->finish();
  tell_written();
  tell_room();
  if (is_alive() && can_send_queued()) take_turn_later();
}

/// Has `take_turn` called from the loop: what the owner asked for during this turn leaves together,
/// and nobody is called from inside a call into the client.
void Client::Core::take_turn_later() {
  if (turn_) return;
  turn_ = shared_from_this();
  loop_.defer(
      [](void* object) {
        const auto core = std::exchange(static_cast<Core*>(object)->turn_, nullptr);
        core->take_turn();
      },
      this);
}

/// For what is to be sent, or read on: `handle_events` does both at its end anyway.
void Client::Core::flush_later() {
  if (!handling_) take_turn_later();
}

void Client::Core::take_turn() {
  if (!is_alive()) return;
  if (state_ == State::failing) return finish(*std::exchange(end_, std::nullopt));
  handle_events();
}

// --- keep alive --------------------------------------------------------------------------------

/// The timer is not moved with every packet: when it fires early, it is armed again.
void Client::Core::arm_keep_alive() {
  const auto deadline = session_.next_deadline();
  if (deadline) keep_alive_->start(*deadline - now());
}

void Client::Core::on_keep_alive() {
  const auto self = shared_from_this();
  // Whoever does not listen cannot complain of silence.
  if (is_held()) session_.feed({}, now());
  session_.tick(now(), output_.end());
  handle_events();
  if (is_alive()) arm_keep_alive();
}

// --- the end ---------------------------------------------------------------------------------

void Client::Core::disconnect(ReasonCode reason, Properties properties) {
  switch (state_) {
    case State::idle:
    case State::closing:
      return;
    case State::waiting:
    case State::failing:
    case State::opening:
    case State::connecting:
      return end_later({Cause::requested, {}});
    case State::connected:
      session_.disconnect(reason, properties, output_.end());
      end_with({Cause::requested, {}});
      flush_later();
  }
}

/// Lets the last bytes leave, for a while; then `finish`.
void Client::Core::end_with(End end) {
  end_ = std::move(end);
  state_ = State::closing;
  keep_alive_->stop();
  wait_->start(options_.disconnect_timeout);
  if (paused_) stream_->resume();  // nothing of it is told any more
}

/// Drops the stream, if there is one, and tells the end in the loop's next turn.
void Client::Core::end_later(End end) {
  stream_.reset();
  wait_->stop();
  end_ = std::move(end);
  state_ = State::failing;
  take_turn_later();
}

void Client::Core::on_wait_over() {
  const auto self = shared_from_this();
  switch (state_) {
    case State::waiting:
      return open();
    case State::opening:
    case State::connecting:
      return finish({Cause::timed_out, "no answer in time"});
    case State::closing:
      return finish(*std::exchange(end_, std::nullopt));
    case State::idle:
    case State::failing:
    case State::connected:
      return;
  }
}

void Client::Core::on_end(const io::StreamEnd& end) {
  const auto self = shared_from_this();
  if (end_) return finish(*std::exchange(end_, std::nullopt));
  if (state_ == State::opening) return finish({Cause::unreachable, end.text});
  // An orderly end has no words of its own.
  const std::string_view silent_end = state_ == State::connecting
                                          ? "closed by the server before it answered CONNECT"
                                          : "closed by the server";
  finish({Cause::lost, end.text.empty() ? std::string(silent_end) : end.text});
}

/// The end of a connection, or of an attempt, always comes through here.
void Client::Core::finish(End end) {
  stream_.reset();
  wait_->stop();
  keep_alive_->stop();
  end_.reset();
  output_.clear();
  session_.on_connection_lost();

  const auto delay = retry_delay(end);
  state_ = delay ? State::waiting : State::idle;
  if (delay) wait_->start(*delay);

  fail_written(SendError::connection_lost);
  if (is_alive()) fail_requests(SendError::connection_lost);
  if (!is_alive()) return;
  handler_->on_disconnected({end.cause, end.reason, end.properties, end.text, delay});
}

std::optional<std::chrono::milliseconds> Client::Core::retry_delay(const End& end) {
  if (!options_.reconnect || !is_worth_retrying(end)) return std::nullopt;
  return backoff_.next_delay();
}

bool Client::Core::is_worth_retrying(const End& end) const {
  if (end.cause == Cause::requested) return false;
  if (!was_connected_ && !options_.reconnect->retry_first) return false;
  const bool by_choice = end.cause == Cause::refused || end.cause == Cause::by_server;
  return !by_choice || options_.reconnect->retry_refused || is_temporary(end.reason);
}

}  // namespace mqtt::client

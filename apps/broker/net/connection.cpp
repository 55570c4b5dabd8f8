#include "net/connection.h"

#include <utility>

#include "log/shown_name.h"
#include "net/closing_reason.h"
#include "net/connection_table.h"
#include "runtime/heap_account.h"
#include "session/dispatcher.h"

namespace broker {
namespace {

/// A client that sends nothing is given this long to say CONNECT.
constexpr Millis connect_deadline_ms = 30'000;
/// And this long if unauthenticated connections hold more than half of what they may.
constexpr Millis short_connect_deadline_ms = 5'000;
/// A client that is being disconnected is given this long to take the last bytes.
constexpr Millis closing_deadline_ms = 5'000;
/// The largest CONNECT, and the largest packet before the client is known.
constexpr std::size_t max_connect_size = 100'000;
/// What a client may have sent of a packet that is not complete while memory_limit is reached.
constexpr std::size_t max_incomplete_when_exhausted = 65'536;

/// What is wrong with the first byte of a connection; empty: it begins a CONNECT. Mostly the client
/// has taken one listener for another: the packet that it seems to begin would never be complete.
std::string_view complaint_about(std::uint8_t first_byte) {
  constexpr std::uint8_t tls_handshake = 0x16;
  if (first_byte == tls_handshake) return "the first packet is not CONNECT; it looks like TLS";
  if (first_byte >= 'A' && first_byte <= 'Z')
    return "the first packet is not CONNECT; it looks like HTTP";
  const bool is_connect = first_byte >> 4 == static_cast<unsigned>(mqtt::PacketType::connect);
  return is_connect ? "" : "the first packet is not CONNECT";
}

}  // namespace

Connection::Connection(ConnectionContext& context, mqtt::io::StreamPtr stream,
                       std::uint16_t listener, std::uint32_t opening_bytes)
    : context_(context),
      stream_(std::move(stream)),
      reader_(max_connect_size),
      opening_bytes_(opening_bytes),
      peer_(stream_->peer()),
      listener_(listener) {
  counters().add_sockets(+1);
}

Connection::Connection(ConnectionContext& context, mqtt::io::StreamPtr stream,
                       std::uint16_t listener, std::uint32_t opening_bytes,
                       std::vector<std::uint8_t> read, std::string claimed_id)
    : Connection(context, std::move(stream), listener, opening_bytes) {
  opening_ = std::make_unique<Opening>();
  opening_->claimed_id = std::move(claimed_id);
  reader_.feed(read);
  reader_.keep_unread();
}

Connection::~Connection() {
  settle_opening_bytes(0);
  outbox_.clear(context_.pool);
  counters().add_sockets(-1);
  counters().add(Count::output_bytes, -std::int64_t{waiting_bytes_});
  counters().add(Count::output_packets, -std::int64_t{waiting_packets_});
  if (state_ != State::handing_over) context_.admission.leave(listener_);
}

void Connection::start() {
  last_received_ = worker().now();
  if (!opening_) log_accepted();  // not again where another worker has accepted it
  const bool in_haste = context_.opening_budget.is_tight();
  worker().timers().arm(
      *this, last_received_ + (in_haste ? short_connect_deadline_ms : connect_deadline_ms));
  stream_->set_handler(this);
  stream_->start();
  check_listener();  // which may have gone while the socket was on its way here
  process();
  if (reader_.unread_size() != 0 || opening_) count_opening_bytes();
}

// --- Input

/// Behind a proxy it is known only now who the peer is.
void Connection::on_open() {
  if (stream_->proxy() != nullptr) peer_ = PeerAddress(stream_->peer());
  count_opening_bytes();
}

void Connection::on_data(mqtt::ByteView bytes) {
  counters().receive_bytes(bytes.size());
  // What other workers have acknowledged before these bytes were sent is delivered before them.
  const bool in_time = worker().open_mail_in_time();
  if (state_ == State::closing) return;
  last_received_ = worker().now();
  if (state_ == State::awaiting_connect && reader_.unread_size() == 0) {  // [MQTT-3.1.0-1]
    const std::string_view complaint = complaint_about(bytes.front());
    if (!complaint.empty())
      return reject(mqtt::ReasonCode::protocol_error, complaint, /*tell=*/false);
  }
  reader_.feed(bytes);
  if (in_time) {
    process();
  } else if (takes_input()) {
    wait_for_turn();
  }
  reader_.keep_unread();
  if (state_ != State::active) count_opening_bytes();
  context_.table->note_first(*this);
  if (heap_account.exhausted() && reader_.unread_size() > max_incomplete_when_exhausted)
    make_do_without_memory();
}

/// Before the client is let in: what the connection holds counts against the OpeningBudget. False:
/// there was no room, and it is refused. Nothing is read behind a CONNECT that is being judged;
/// until something comes the stream goes on, to tell when the client leaves.
bool Connection::count_opening_bytes() {
  if (state_ == State::active || state_ == State::closing || state_ == State::handing_over)
    return true;
  const bool has_tls = stream_->tls() != nullptr;
  const std::size_t unread = reader_.unread_size();
  const std::size_t sent = unread + stream_->held() + (opening_ ? opening_->bytes.size() : 0);
  // What is unread lies in a buffer that has doubled to its size.
  const auto bytes = static_cast<std::uint32_t>(
      sent + unread + (has_tls ? bytes_when_open_with_tls : bytes_when_open));
  const bool is_small = sent <= OpeningBudget::small;
  if (!context_.opening_budget.try_grow(opening_bytes_, bytes, is_small)) {
    refuse_for_lack_of_room();
    return false;
  }
  opening_bytes_ = bytes;
  if (state_ == State::authenticating && unread + stream_->held() != 0) pause_input();
  return true;
}

/// Gives back what was counted above `bytes`.
void Connection::settle_opening_bytes(std::uint32_t bytes) {
  if (opening_bytes_ <= bytes) return;
  context_.opening_budget.add(std::int64_t{bytes} - opening_bytes_);
  opening_bytes_ = bytes;
}

void Connection::refuse_for_lack_of_room() {
  counters().add(Count::unauthenticated_refused);
  const Refusal refusal{mqtt::ReasonCode::server_busy, false, false,
                        "max_unauthenticated_bytes reached"};
  if (state_ == State::authenticating || state_ == State::exchanging) {
    refuse(refusal);
  } else {
    log_refused(refusal);
    close(Session::Departure::lost, closing_reason(refusal.reason));
  }
  // At once: hundreds may be refused before this turn is over.
  reader_.take_unread();
  settle_opening_bytes(bytes_when_open);
}

/// The rest of the packet would take what is not there. While input waits for a verdict it grows no
/// further.
void Connection::make_do_without_memory() {
  if (!takes_input()) return;
  counters().add(Count::memory_closed_connections);
  reject(mqtt::ReasonCode::quota_exceeded, "memory limit reached");
}

/// Packet after packet, until the share of work is used up that the connection may cause at a time.
void Connection::process() {
  const std::uint64_t end = worker().work_done() + InputQueue::share;
  while (takes_input()) {
    if (worker().work_done() >= end) return wait_for_turn();
    if (context_.sessions.dispatcher.must_wait()) return hold_back();
    const mqtt::FrameResult result = reader_.next();
    switch (result.status) {
      case mqtt::FrameStatus::need_more:
        return;
      case mqtt::FrameStatus::malformed:
        reject(result.malformed);
        return;
      case mqtt::FrameStatus::frame:
        worker().count_work(1);
        handle(result.frame);
        if (context_.sessions.dispatcher.take_overload()) return hold_back();
    }
  }
}

/// Others first.
void Connection::wait_for_turn() {
  if (reader_.unread_size() == 0) return;
  queued_ = true;
  context_.input.add(*this);
  pause_input();
}

/// It publishes more than another worker takes.
void Connection::hold_back() {
  if (!takes_input()) return;
  queued_ = true;
  context_.input.hold_back(*this);
  pause_input();
}

void Connection::take_turn() {
  queued_ = false;
  if (stream_ == nullptr) return;
  process();
  reader_.keep_unread();
  if (state_ != State::active) count_opening_bytes();
  go_on_reading();
}

/// After input that had waited.
void Connection::go_on_reading() {
  if (stream_ == nullptr) return;
  context_.table->note_first(*this);
  if (stream_ended() && !queued_ && !waiting_) return end_with_stream(*extensions_->stream_end);
  resume_input();
}

Connection::Extensions& Connection::extensions() {
  if (!extensions_) extensions_ = std::make_unique<Extensions>();
  return *extensions_;
}

bool Connection::takes_input() const {
  // What follows a refused CONNECT or a DISCONNECT is not looked at. [MQTT-3.1.4-6] [MQTT-3.14.4-1]
  const bool expects_something =
      state_ == State::active || state_ == State::awaiting_connect || state_ == State::exchanging;
  return expects_something && !waiting_ && !queued_ && !disconnecting_;
}

/// The gate: what is expected now decides who handles the packet.
void Connection::handle(const mqtt::Frame& frame) {
  counters().receive_packet();
  const unsigned type = frame.type_number();
  switch (state_) {
    case State::active:
      (this->*active_handlers[type])(frame);
      return;
    case State::awaiting_connect:
      return handle_connect(frame);  // `on_data` lets nothing else in
    case State::exchanging:
      if (type == static_cast<unsigned>(mqtt::PacketType::auth)) return handle_auth(frame);
      if (type == static_cast<unsigned>(mqtt::PacketType::disconnect))
        return handle_disconnect(frame);
      return reject(mqtt::ReasonCode::protocol_error,
                    "packet during authentication");  // [MQTT-3.1.2-30]
    default:
      return;
  }
}

const Connection::Handler Connection::active_handlers[16] = {
    &Connection::handle_unexpected,  &Connection::handle_second_connect,
    &Connection::handle_unexpected,  &Connection::handle_publish,
    &Connection::handle_puback,      &Connection::handle_pubrec,
    &Connection::handle_pubrel,      &Connection::handle_pubcomp,
    &Connection::handle_subscribe,   &Connection::handle_unexpected,
    &Connection::handle_unsubscribe, &Connection::handle_unexpected,
    &Connection::handle_pingreq,     &Connection::handle_unexpected,
    &Connection::handle_disconnect,  &Connection::handle_auth,
};

void Connection::handle_publish(const mqtt::Frame& frame) {
  mqtt::Decoded<mqtt::Publish> packet = mqtt::decode_publish(frame, version_);
  if (!packet) return reject(packet.error());
  counters().receive_publish(packet->payload.size());
  if (is_v5() && !packet->properties.empty() && !resolve_alias(*packet)) return;
  settle(session_->incoming().on_publish(*packet));
}

/// Puts the topic that an alias stands for into the packet. False if the packet was rejected.
bool Connection::resolve_alias(mqtt::Publish& packet) {
  const auto alias = packet.properties.number(mqtt::PropertyId::topic_alias);
  if (!alias) return true;
  if (*alias > receive_alias_maximum_) {  // [MQTT-3.3.2-9]
    reject(mqtt::ReasonCode::topic_alias_invalid, "Topic Alias above the maximum");
    return false;
  }
  auto& aliases = extensions().received_aliases;
  if (!aliases) aliases = std::make_unique<mqtt::ReceivedTopicAliases>(receive_alias_maximum_);
  if (!packet.topic.empty()) {
    aliases->set(static_cast<std::uint16_t>(*alias), packet.topic);
    return true;
  }
  const auto topic = aliases->find(static_cast<std::uint16_t>(*alias));
  if (!topic) {
    reject(mqtt::ReasonCode::protocol_error, "Topic Alias that was never defined");
    return false;
  }
  packet.topic = *topic;
  return true;
}

void Connection::handle_puback(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_puback(frame, version_);
  if (packets_are_logged() && packet) [[unlikely]]
    packet_log().received_puback(packet->packet_id, packet->reason);
  packet ? settle(session_->outgoing().on_puback(packet->packet_id, packet->reason))
         : reject(packet.error());
}

void Connection::handle_pubrec(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_pubrec(frame, version_);
  if (packets_are_logged() && packet) [[unlikely]]
    packet_log().received_pubrec(packet->packet_id);
  packet ? settle(session_->outgoing().on_pubrec(packet->packet_id, packet->reason))
         : reject(packet.error());
}

void Connection::handle_pubrel(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_pubrel(frame, version_);
  if (packets_are_logged() && packet) [[unlikely]]
    packet_log().received_pubrel(packet->packet_id);
  packet ? settle(session_->incoming().on_pubrel(packet->packet_id)) : reject(packet.error());
}

void Connection::handle_pubcomp(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_pubcomp(frame, version_);
  if (packets_are_logged() && packet) [[unlikely]]
    packet_log().received_pubcomp(packet->packet_id, packet->reason);
  packet ? settle(session_->outgoing().on_pubcomp(packet->packet_id)) : reject(packet.error());
}

void Connection::handle_subscribe(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_subscribe_header(frame, version_);
  if (packets_are_logged() && packet) packet_log().received(mqtt::PacketType::subscribe);
  packet ? settle(session_->subscriptions().on_subscribe(*packet)) : reject(packet.error());
}

void Connection::handle_unsubscribe(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_unsubscribe_header(frame, version_);
  if (packets_are_logged() && packet) packet_log().received(mqtt::PacketType::unsubscribe);
  packet ? settle(session_->subscriptions().on_unsubscribe(*packet)) : reject(packet.error());
}

void Connection::handle_pingreq(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_pingreq(frame, version_);
  if (!packet) return reject(packet.error());
  if (packets_are_logged()) {
    packet_log().received(mqtt::PacketType::pingreq);
    packet_log().sending(mqtt::PacketType::pingresp);
  }
  send_packet(mqtt::Pingresp{}, version_);  // [MQTT-3.12.4-1]
}

void Connection::handle_disconnect(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_disconnect(frame, version_);
  if (!packet) return reject(packet.error());
  if (packets_are_logged()) PacketLog(log(), known_id()).received(mqtt::PacketType::disconnect);
  const auto expiry = packet->properties.number(mqtt::PropertyId::session_expiry_interval);
  if (expiry && session_ != nullptr) {
    if (const auto changed = session_->change_expiry_interval(*expiry); !changed) {
      return reject(changed.error().reason, changed.error().detail);
    }
  }
  // Any other reason than a normal disconnection asks for the Will. [MQTT-3.14.4-3]
  const bool normal = packet->reason == mqtt::ReasonCode::normal_disconnection;
  close(normal ? Session::Departure::disconnected : Session::Departure::lost, {});
}

void Connection::handle_auth(const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_auth(frame, version_);
  if (!packet) return reject(packet.error());
  if (packets_are_logged()) {
    PacketLog(log(), known_id())
        .received_auth(packet->reason,
                       packet->properties.text(mqtt::PropertyId::authentication_method)
                           .value_or(std::string_view()));
  }
  Authentication* const authentication = this->authentication();
  if (authentication == nullptr) {
    return reject(mqtt::ReasonCode::protocol_error,
                  "AUTH without Authentication Method in CONNECT");  // [MQTT-4.12.0-7]
  }
  const auto method = packet->properties.text(mqtt::PropertyId::authentication_method);
  if (!method || *method != authentication->method) {
    return reject(mqtt::ReasonCode::protocol_error,
                  "AUTH with another Authentication Method");  // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
  }
  const bool begins = packet->reason == mqtt::ReasonCode::re_authenticate;
  if (begins == authentication->running) {
    return reject(mqtt::ReasonCode::protocol_error, "AUTH out of turn");
  }
  if (begins) {
    authentication->exchange = context_.methods.find(*method)->begin(credentials());
    authentication->running = true;
  }
  step_exchange(
      packet->properties.text(mqtt::PropertyId::authentication_data).value_or(std::string_view()));
}

void Connection::handle_unexpected(const mqtt::Frame&) {
  reject(mqtt::ReasonCode::protocol_error, "packet that only a server sends, or of no known type");
}

void Connection::handle_second_connect(const mqtt::Frame&) {  // [MQTT-3.1.0-2]
  reject(mqtt::ReasonCode::protocol_error, "second CONNECT", /*tell=*/false);
}

void Connection::settle(const Checked<InputOutcome>& checked) {
  if (!checked) return reject(checked.error().reason, checked.error().detail);
  if (*checked == InputOutcome::wait) wait_for_verdict();
}

void Connection::wait_for_verdict() {
  waiting_ = true;
  pause_input();
}

void Connection::continue_input() {
  waiting_ = false;
  last_received_ = worker().now();
  process();
  go_on_reading();
}

void Connection::reject_input(mqtt::ReasonCode reason, std::string_view detail) {
  waiting_ = false;
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
  const bool output_over = outbox_.bytes() > config().limits.max_output_buffer_bytes;
  const bool is_judged = state_ == State::authenticating && reader_.unread_size() != 0;
  if (!paused_ || waiting_ || queued_ || output_over || is_judged) return;
  if (state_ == State::handing_over) return;
  paused_ = false;
  last_received_ = worker().now();
  stream_->resume();
}

void Connection::on_timer() {
  const Millis now = worker().now();
  if (state_ == State::closing) return drop();
  if (state_ == State::handing_over) return;
  if (state_ == State::authenticating)
    return refuse({mqtt::ReasonCode::server_busy, false, false, to_text(LoginFailure::busy)});
  if (state_ != State::active) return close(Session::Departure::lost, "exceeded timeout");
  if (waiting_) last_received_ = now;  // what the client sends is not read: it is not to blame
  const Millis deadline = keep_alive_.peer_deadline(mqtt::KeepAlive::Time(last_received_)).count();
  if (now >= deadline)
    return close(Session::Departure::lost, "exceeded timeout");  // [MQTT-3.1.2-22]
  worker().timers().arm(*this, deadline);
}

// --- The end

void Connection::reject(const mqtt::Malformed& malformed) {
  if (state_ == State::awaiting_connect) return reply_to_malformed_connect(malformed);
  reject(malformed.reason, malformed.detail, malformed.reply != mqtt::Malformed::Reply::none);
}

/// The client broke a rule: tells it (v5 only), and closes. [MQTT-4.13.1-1] [MQTT-4.13.2-1]
/// No DISCONNECT of the broker has properties. [MQTT-3.14.2-2]
void Connection::reject(mqtt::ReasonCode reason, std::string_view detail, bool tell) {
  if (tell && is_v5() && state_ == State::active) send_disconnect(reason);
  // No DISCONNECT before CONNACK. [MQTT-3.14.0-1]
  if (tell && state_ == State::exchanging) send_connack(mqtt::Connack{false, reason, {}}, version_);
  close(Session::Departure::lost, closing_reason(reason), detail);
}

void Connection::close(Session::Departure departure, std::string_view reason,
                       std::string_view detail) {
  if (state_ == State::closing) return;
  log_disconnected(reason, detail);
  state_ = State::closing;
  let_go_of_session(departure);
  begin_closing();
}

/// The last bytes go out at the end of the turn, then the stream is ended in order. [MQTT-3.14.4-2]
void Connection::begin_closing() {
  if (stream_ended()) return drop();
  if (paused_) {
    paused_ = false;
    stream_->resume();
  }
  worker().timers().arm(*this, worker().now() + closing_deadline_ms);
  output_gathered(0);
}

void Connection::let_go_of_session(Session::Departure departure) {
  if (opening_ && !opening_->claimed_id.empty()) {
    context_.sessions.directory.abandon(opening_->claimed_id);
  }
  opening_.reset();
  if (Session* session = std::exchange(session_, nullptr)) session->connection_lost(departure);
}

void Connection::disconnect(mqtt::ReasonCode reason) {
  if (state_ != State::active || disconnecting_) return;
  if (is_v5()) send_disconnect(reason);
  log_disconnected(closing_reason(reason));
  disconnecting_ = true;
  output_gathered(0);
}

/// The client is told; its Will, which was its word as someone who may be here, is not published.
void Connection::check_again(const AccessFiles& before, const AccessFiles& after) {
  if (state_ != State::active || disconnecting_ || !by_password_) return;
  const bool anonymous_allowed = config().allows_anonymous(listener_config());
  if (is_still_known(before, after, listener_, session_->core().user_name(), anonymous_allowed)) return;
  log().write(LogType::notice,
              LogFields{.client = session_->client_id(), .user = session_->core().user_name()},
              "Client {} is not authorised any more.", ShownName{session_->client_id()});
  session_->absence().withdraw_will();
  disconnect(mqtt::ReasonCode::not_authorized);
}

/// As when the broker stops: who has a Will has it published.
void Connection::check_listener() {
  if (!listener_config().gone || state_ == State::closing || state_ == State::handing_over) return;
  reject(mqtt::ReasonCode::administrative_action, {}, /*tell=*/state_ == State::active);
}

void Connection::session_taken_over() {
  if (state_ == State::closing) return;
  if (is_v5() && !disconnecting_) send_disconnect(mqtt::ReasonCode::session_taken_over);
  log_disconnected(closing_reason(mqtt::ReasonCode::session_taken_over));
  state_ = State::closing;
  session_ = nullptr;  // it is no longer ours to speak to
  let_go_of_session(Session::Departure::lost);
  begin_closing();
}

void Connection::shut_down() {
  if (state_ == State::closing) return;
  if (state_ == State::active) return reject(mqtt::ReasonCode::server_shutting_down, {});
  close(Session::Departure::lost, closing_reason(mqtt::ReasonCode::server_shutting_down));
}

/// What the client had sent before is heard first, when its turn comes.
void Connection::on_end(const mqtt::io::StreamEnd& end) {
  const bool is_heard_out = state_ != State::active || (!queued_ && !waiting_);
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
    state_ = State::closing;
    let_go_of_session(Session::Departure::lost);
  }
  drop();
}

/// Gone without ceremony: nothing can be sent any more, or nothing needs to be.
void Connection::drop() {
  worker().timers().disarm(*this);
  stream_.reset();
  context_.table->bury(*this);
}

}  // namespace broker

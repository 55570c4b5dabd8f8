#include "mqtt/protocol/client_session.h"

#include <algorithm>
#include <utility>

#include "client_session_write.h"
#include "mqtt/protocol/encode.h"

namespace mqtt {
namespace {

Will view_of(const WillParameters& will) {
  return {will.topic, as_bytes(will.payload), will.qos, will.retain, will.properties};
}

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

/// A number among the properties of CONNECT, which 3.x does not have.
std::uint32_t connect_number(const ConnectParameters& parameters, PropertyId id,
                             std::uint32_t otherwise) {
  if (!is_v5(parameters.version)) return otherwise;
  return parameters.properties.view().number(id).value_or(otherwise);
}

std::size_t packet_size_limit(const ConnectParameters& parameters) {
  const std::size_t announced = connect_number(parameters, PropertyId::maximum_packet_size,
                                               std::uint32_t{max_encodable_size});
  return std::min(announced, parameters.packet_size_limit);
}

}  // namespace

ClientSession::ClientSession(ConnectParameters parameters)
    : parameters_(std::move(parameters)), reader_(parameters_.packet_size_limit) {}

void ClientSession::connect(Time now, Bytes& out) {
  on_connection_lost();
  start_connection(now);

  Connect packet;
  packet.version = parameters_.version;
  packet.clean_start = asked_for_clean_start_ =
      parameters_.clean_start && !session_outlives_connection_;
  packet.keep_alive_s = parameters_.keep_alive_s;
  if (is_v5(packet.version)) packet.properties = parameters_.properties;
  packet.client_id = parameters_.client_id;
  if (parameters_.will) packet.will = view_of(*parameters_.will);
  packet.user_name = view_of(parameters_.user_name);
  packet.password = view_of(parameters_.password);

  const std::size_t begin = out.size();
  out.resize(begin + encoded_size(packet));
  encode(packet, out.data() + begin);
  on_written(begin, out);
}

/// What one connection alone knows, as it is before the server has said anything.
void ClientSession::start_connection(Time now) {
  state_ = State::connecting;
  now_ = last_received_ = now;
  limits_ = ServerLimits{};
  keep_alive_ = KeepAlive(parameters_.keep_alive_s);
  reader_ = FrameReader(packet_size_limit(parameters_));
  receiver_.set_window(
      static_cast<std::uint16_t>(connect_number(parameters_, PropertyId::receive_maximum, 65535)));
  received_aliases_ = ReceivedTopicAliases(
      static_cast<std::uint16_t>(connect_number(parameters_, PropertyId::topic_alias_maximum, 0)));
}

void ClientSession::feed(ByteView bytes, Time now) {
  if (state_ != State::connecting && state_ != State::connected) return;
  now_ = last_received_ = now;
  reader_.feed(bytes);
}

std::optional<ClientEvent> ClientSession::next_event(Bytes& out) {
  if (failure_) return std::exchange(failure_, std::nullopt);
  if (!lost_.empty()) return take_lost();
  while (state_ == State::connecting || state_ == State::connected) {
    const FrameResult result = reader_.next();
    if (result.status == FrameStatus::malformed) return fail(result.malformed, out);
    if (result.status == FrameStatus::need_more) {
      reader_.keep_unread();
      break;
    }
    if (trace_) trace_(Direction::received, result.frame);
    if (MaybeEvent event = on_frame(result.frame, out)) return event;
  }
  return std::nullopt;
}

ClientSession::MaybeEvent ClientSession::take_lost() {
  const client_event::PublishLost lost = lost_.back();
  lost_.pop_back();
  return lost;
}

void ClientSession::on_connection_lost() {
  if (state_ == State::idle) return;
  state_ = State::idle;
  reader_ = FrameReader(parameters_.packet_size_limit);
  ping_sent_.reset();
  failure_.reset();
  requests_.clear();
  sender_.on_connection_lost();
  receiver_.on_connection_lost();
  sent_aliases_ = SentTopicAliases();
  own_aliases_ = received_aliases_ = ReceivedTopicAliases();
}

/// PINGREQ is due when this side was silent for the interval, and also when the server was: a
/// connection that only sends would not notice that nobody is there any more.
ClientSession::Time ClientSession::ping_due() const {
  return keep_alive_.ping_due(ping_sent_ ? last_sent_ : std::min(last_sent_, last_received_));
}

/// An answer is missing when nothing at all has come for an interval after the PINGREQ.
ClientSession::Time ClientSession::answer_due() const {
  return ping_sent_ ? keep_alive_.ping_due(std::max(*ping_sent_, last_received_)) : Time::max();
}

std::optional<ClientSession::Time> ClientSession::next_deadline() const {
  if (!connected() || !keep_alive_.enabled()) return std::nullopt;
  return std::min(ping_due(), answer_due());
}

void ClientSession::tick(Time now, Bytes& out) {
  heard_of(now);
  if (!connected() || !keep_alive_.enabled()) return;
  if (now >= answer_due()) {
    state_ = State::over;
    failure_ = client_event::Failed{ReasonCode::keep_alive_timeout, "no answer to PINGREQ"};
  } else if (now >= ping_due()) {
    ping(now, out);  // [MQTT-3.1.2-20]
  }
}

void ClientSession::ping(Time now, Bytes& out) {
  heard_of(now);
  if (!connected()) return;
  if (!ping_sent_) ping_sent_ = now;
  write(Pingreq{}, out);
}

void ClientSession::heard_of(Time now) {
  now_ = std::max(now_, now);
}

ClientSession::MaybeEvent ClientSession::fail(ReasonCode reason, std::string_view detail,
                                              bool tell_server, Bytes& out) {
  if (tell_server && connected() && is_v5(parameters_.version)) {
    write(Disconnect{reason, {}}, out);
  }
  state_ = State::over;
  return client_event::Failed{reason, detail};
}

ClientSession::MaybeEvent ClientSession::fail(const Malformed& malformed, Bytes& out) {
  return fail(malformed.reason, malformed.detail, malformed.reply != Malformed::Reply::none, out);
}

}  // namespace mqtt

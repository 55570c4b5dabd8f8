// What the server sent: packet by packet, to events and answers.
#include <algorithm>
#include <utility>

#include "client_session_write.h"
#include "mqtt/protocol/client_session.h"

namespace mqtt {

template <class Packet>
ClientSession::MaybeEvent ClientSession::take(const Decoded<Packet>& packet, Bytes& out) {
  return packet ? on_packet(*packet, out) : fail(packet.error(), out);
}

ClientSession::MaybeEvent ClientSession::on_frame(const Frame& frame, Bytes& out) {
  if (connected()) return on_frame_connected(frame, out);
  const ProtocolVersion version = parameters_.version;
  const auto type = static_cast<PacketType>(frame.type_number());
  if (type == PacketType::connack) return take(decode_connack(frame, version), out);
  if (type == PacketType::auth && is_v5(version)) return take(decode_auth(frame, version), out);
  return fail(ReasonCode::protocol_error, "a packet before CONNACK", true, out);  // [MQTT-3.2.0-1]
}

ClientSession::MaybeEvent ClientSession::on_frame_connected(const Frame& frame, Bytes& out) {
  const ProtocolVersion version = parameters_.version;
  switch (static_cast<PacketType>(frame.type_number())) {
    case PacketType::publish:
      return take(decode_publish(frame, version), out);
    case PacketType::puback:
      return take(decode_puback(frame, version), out);
    case PacketType::pubrec:
      return take(decode_pubrec(frame, version), out);
    case PacketType::pubrel:
      return take(decode_pubrel(frame, version), out);
    case PacketType::pubcomp:
      return take(decode_pubcomp(frame, version), out);
    case PacketType::suback:
      return take(decode_suback(frame, version), out);
    case PacketType::unsuback:
      return take(decode_unsuback(frame, version), out);
    case PacketType::pingresp:
      return take(decode_pingresp(frame, version), out);
    case PacketType::disconnect:
      if (is_v5(version)) return take(decode_disconnect(frame, version), out);
      break;
    case PacketType::auth:
      if (is_v5(version)) return take(decode_auth(frame, version), out);
      break;
    case PacketType::connack:  // [MQTT-3.2.0-2]
    case PacketType::connect:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
    case PacketType::pingreq:
      break;
  }
  return fail(ReasonCode::protocol_error, "a packet that a server must not send", true, out);
}

// --- CONNACK ---------------------------------------------------------------------------------

ClientSession::MaybeEvent ClientSession::on_packet(const Connack& packet, Bytes& out) {
  if (is_error(packet.reason)) {
    state_ = State::over;
    return client_event::Refused{packet};
  }
  if (packet.session_present && asked_for_clean_start_) {  // [MQTT-3.2.2-4]
    return fail(ReasonCode::protocol_error, "session present after a clean start", false, out);
  }
  if (!has_our_method(packet.properties)) {  // [MQTT-4.12.0-5]
    return fail(ReasonCode::protocol_error, "another authentication method", false, out);
  }
  state_ = State::connected;
  read_limits(packet);
  // MQTT 3.1 does not say whether the session is there: it is, if it was not asked to be clean.
  const bool is_silent = parameters_.version == ProtocolVersion::v31;
  restore_session(is_silent ? !asked_for_clean_start_ : packet.session_present, out);
  return client_event::Connected{packet};
}

void ClientSession::read_limits(const Connack& packet) {
  limits_.keep_alive_s = parameters_.keep_alive_s;
  limits_.session_expiry_interval_s =
      parameters_.properties.view().number(PropertyId::session_expiry_interval).value_or(0);
  for (const Property& property : packet.properties) {
    switch (property.id) {
      case PropertyId::session_expiry_interval:
        limits_.session_expiry_interval_s = property.number;
        break;
      case PropertyId::receive_maximum:
        limits_.receive_maximum = static_cast<std::uint16_t>(property.number);
        break;
      case PropertyId::maximum_qos:
        limits_.maximum_qos = static_cast<QoS>(property.number);
        break;
      case PropertyId::retain_available:
        limits_.retain_available = property.number != 0;
        break;
      case PropertyId::maximum_packet_size:
        limits_.maximum_packet_size = std::min<std::size_t>(property.number, max_encodable_size);
        break;
      case PropertyId::assigned_client_identifier:
        parameters_.client_id = property.text;
        break;
      case PropertyId::topic_alias_maximum:
        limits_.topic_alias_maximum = static_cast<std::uint16_t>(property.number);
        break;
      case PropertyId::wildcard_subscription_available:
        limits_.wildcard_subscription_available = property.number != 0;
        break;
      case PropertyId::subscription_identifier_available:
        limits_.subscription_identifier_available = property.number != 0;
        break;
      case PropertyId::shared_subscription_available:
        limits_.shared_subscription_available = property.number != 0;
        break;
      case PropertyId::server_keep_alive:
        limits_.keep_alive_s = static_cast<std::uint16_t>(property.number);
        break;
      default:
        break;
    }
  }
  keep_alive_ = KeepAlive(limits_.keep_alive_s);  // [MQTT-3.1.2-21] [MQTT-3.2.2-21]
  sender_.set_window(std::min(limits_.receive_maximum, parameters_.send_window));
  sent_aliases_ =
      SentTopicAliases(std::min(limits_.topic_alias_maximum, parameters_.automatic_topic_aliases));
  own_aliases_ = ReceivedTopicAliases(limits_.topic_alias_maximum);
  session_outlives_connection_ =
      is_v5(parameters_.version) && limits_.session_expiry_interval_s != 0;
}

void ClientSession::restore_session(bool present, Bytes& out) {
  if (!present) forget_session();
  resend_with_dup_ = present;
  give_up([this](const StoredPublish* publish) {
    return publish == nullptr ? std::nullopt : refusal(*publish);
  });
  std::reverse(lost_.begin(), lost_.end());
  write_resends(out);
}

/// The server knows of no session, so this side must not either. [MQTT-3.2.2-5]
void ClientSession::forget_session() {
  receiver_.clear();
  const bool keeps_messages = parameters_.on_session_lost == OnSessionLost::send_again;
  give_up([keeps_messages](const StoredPublish* publish) {
    const bool kept = keeps_messages && publish != nullptr;
    return kept ? std::nullopt : std::optional(SendError::session_lost);
  });
}

/// Why the server of this connection would not take a message that another one took.
std::optional<SendError> ClientSession::refusal(const StoredPublish& publish) const {
  const auto qos = static_cast<QoS>(publish[0] >> 1 & 0x03);
  const bool retain = (publish[0] & 0x01) != 0;
  if (qos > limits_.maximum_qos) return SendError::qos_not_supported;
  if (retain && !limits_.retain_available) return SendError::retain_not_supported;
  if (publish.size() > limits_.maximum_packet_size) return SendError::packet_too_large;
  return std::nullopt;
}

/// Ends those messages in flight for which `loss` has a reason, to be reported by `next_event`. It
/// is asked with null for those that wait for PUBCOMP, which go or stay all together.
void ClientSession::give_up(
    const std::function<std::optional<SendError>(const StoredPublish*)>& loss) {
  sender_.for_each([&](std::uint16_t packet_id, QoS, bool, const StoredPublish* publish, bool) {
    if (const auto error = loss(publish)) lost_.push_back({packet_id, *error});
  });
  sender_.drop_if([&](const StoredPublish& publish) { return loss(&publish).has_value(); });
  if (loss(nullptr)) sender_.drop_released();
}

// --- messages from the server -------------------------------------------------------------------

ClientSession::MaybeEvent ClientSession::on_packet(const Publish& packet, Bytes& out) {
  Publish message = packet;
  if (!packet.properties.empty()) {
    if (MaybeEvent failed = resolve_alias(message, out)) return failed;
  }
  if (message.qos == QoS::at_most_once) return client_event::MessageReceived{message, 0};

  const Arrived arrived = receiver_.on_publish(message.qos, message.packet_id);
  switch (arrived.what) {
    case Arrival::fresh:
      if (parameters_.acknowledge_by == AcknowledgeBy::session) {
        write_decided(arrived.number, ReasonCode::success, out);  // [MQTT-4.5.0-2]
      }
      return client_event::MessageReceived{message, arrived.number};
    case Arrival::duplicate:
      write_decided(arrived.number, ReasonCode::success, out);
      return std::nullopt;
    case Arrival::undecided:
      return std::nullopt;
    case Arrival::window_exceeded:
      break;
  }
  return fail(ReasonCode::receive_maximum_exceeded, "more messages than Receive Maximum", true,
              out);  // [MQTT-3.3.4-9]
}

/// Sets the topic that an alias stands for, or remembers it. Nothing to report unless that fails.
ClientSession::MaybeEvent ClientSession::resolve_alias(Publish& packet, Bytes& out) {
  const auto alias = packet.properties.number(PropertyId::topic_alias);
  if (!alias) return std::nullopt;
  if (!received_aliases_.in_range(*alias)) {
    return fail(ReasonCode::topic_alias_invalid, "topic alias out of range", true, out);
  }
  if (!packet.topic.empty()) {
    received_aliases_.set(static_cast<std::uint16_t>(*alias), packet.topic);
    return std::nullopt;
  }
  const auto topic = received_aliases_.find(static_cast<std::uint16_t>(*alias));
  if (!topic) return fail(ReasonCode::protocol_error, "topic alias without a topic", true, out);
  packet.topic = *topic;
  return std::nullopt;
}

ClientSession::MaybeEvent ClientSession::on_packet(const Pubrel& packet, Bytes& out) {
  const bool known = receiver_.on_pubrel(packet.packet_id).known;
  write(Pubcomp{packet.packet_id,
                known ? ReasonCode::success : ReasonCode::packet_identifier_not_found,
                {}},
        out);  // [MQTT-4.3.3-11]
  return std::nullopt;
}

// --- acknowledgements of what was sent
// ------------------------------------------------------------

/// The end of a message, or a breach of the protocol. Acknowledgements for unknown identifiers are
/// ignored: they may answer messages that were given up.
template <class Ack>
ClientSession::MaybeEvent ClientSession::settle(const Ack& packet, AckOutcome outcome, Bytes& out) {
  if (outcome == AckOutcome::wrong_kind) {
    return fail(ReasonCode::protocol_error, "acknowledgement of the wrong kind", true, out);
  }
  if (outcome != AckOutcome::completed) return std::nullopt;
  write_resends(out);
  return client_event::Published{packet.packet_id, packet.reason, packet.properties};
}

/// Keeps the memory of a message that need not be sent again for the next one.
void ClientSession::reuse(std::optional<StoredPublish> stored) {
  constexpr std::size_t most_spares = 32;
  constexpr std::size_t largest_spare = 1024;
  if (!stored || stored->capacity() > largest_spare || spares_.size() == most_spares) return;
  stored->clear();
  spares_.push_back(std::move(*stored));
}

ClientSession::MaybeEvent ClientSession::on_packet(const Puback& packet, Bytes& out) {
  auto ack = sender_.on_puback(packet.packet_id);
  reuse(std::move(ack.item));
  return settle(packet, ack.outcome, out);
}

ClientSession::MaybeEvent ClientSession::on_packet(const Pubcomp& packet, Bytes& out) {
  return settle(packet, sender_.on_pubcomp(packet.packet_id).outcome, out);
}

ClientSession::MaybeEvent ClientSession::on_packet(const Pubrec& packet, Bytes& out) {
  auto ack = sender_.on_pubrec(packet.packet_id, packet.reason);
  reuse(std::move(ack.item));
  const AckOutcome outcome = ack.outcome;
  if (outcome == AckOutcome::send_pubrel) {
    // At once, and so in order. [MQTT-4.3.3-4] [MQTT-4.6.0-4]
    write(Pubrel{packet.packet_id, ReasonCode::success, {}}, out);
  } else if (outcome == AckOutcome::unknown && !is_error(packet.reason)) {
    write(Pubrel{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}, out);
  }
  return settle(packet, outcome, out);
}

// --- everything else ---------------------------------------------------------------------------

std::optional<ClientSession::Request> ClientSession::take_request(std::uint16_t packet_id,
                                                                  PacketType answer) {
  const auto request =
      std::find_if(requests_.begin(), requests_.end(), [&](const Request& candidate) {
        return candidate.packet_id == packet_id && candidate.answer == answer;
      });
  if (request == requests_.end()) return std::nullopt;
  const Request taken = *request;
  requests_.erase(request);
  sender_.release_id(packet_id);
  return taken;
}

ClientSession::MaybeEvent ClientSession::on_packet(const Suback& packet, Bytes& out) {
  const auto request = take_request(packet.packet_id, PacketType::suback);
  if (!request) return std::nullopt;
  if (packet.reasons.size() != request->filters) {  // [MQTT-3.8.4-6]
    return fail(ReasonCode::protocol_error, "SUBACK for another number of filters", true, out);
  }
  return client_event::Subscribed{packet};
}

ClientSession::MaybeEvent ClientSession::on_packet(const Unsuback& packet, Bytes& out) {
  const auto request = take_request(packet.packet_id, PacketType::unsuback);
  if (!request) return std::nullopt;
  Unsuback answer = packet;
  if (!is_v5(parameters_.version)) answer.reasons.assign(request->filters, ReasonCode::success);
  if (answer.reasons.size() != request->filters) {
    return fail(ReasonCode::protocol_error, "UNSUBACK for another number of filters", true, out);
  }
  return client_event::Unsubscribed{std::move(answer)};
}

ClientSession::MaybeEvent ClientSession::on_packet(const Pingresp&, Bytes&) {
  ping_sent_.reset();
  return std::nullopt;
}

ClientSession::MaybeEvent ClientSession::on_packet(const Disconnect& packet, Bytes&) {
  state_ = State::over;
  return client_event::DisconnectedByServer{packet};
}

ClientSession::MaybeEvent ClientSession::on_packet(const Auth& packet, Bytes& out) {
  const bool asked = parameters_.properties.view().contains(PropertyId::authentication_method);
  if (!asked || !has_our_method(packet.properties)) {
    return fail(ReasonCode::protocol_error, "AUTH with another method", true, out);
  }
  return client_event::AuthReceived{packet};
}

/// AUTH and a successful CONNACK repeat the method of CONNECT.
bool ClientSession::has_our_method(Properties properties) const {
  if (!is_v5(parameters_.version)) return true;
  return properties.text(PropertyId::authentication_method) ==
         parameters_.properties.view().text(PropertyId::authentication_method);
}

}  // namespace mqtt

#include "net/connection_output.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "mqtt/protocol/encode.h"
#include "session/dispatcher.h"

namespace broker {
namespace {

/// Queued messages stay in their queue while this much waits to be written already.
constexpr std::size_t room_limit = 256 * 1024;
/// Output beyond this is written before the turn ends, so that a busy turn works in little memory.
constexpr std::size_t write_early = 64 * 1024;

void set_packet_id(std::uint8_t* at, std::uint16_t id) {
  at[0] = static_cast<std::uint8_t>(id >> 8);
  at[1] = static_cast<std::uint8_t>(id & 0xFF);
}

}  // namespace

ConnectionOutput::~ConnectionOutput() {
  outbox_.clear(context_.pool);
  counters().add(Count::output_bytes, -std::int64_t{waiting_bytes_});
  counters().add(Count::output_packets, -std::int64_t{waiting_packets_});
}

ConnectionOutput::Extensions& ConnectionOutput::extensions() {
  if (!extensions_) extensions_ = std::make_unique<Extensions>();
  return *extensions_;
}

SendResult ConnectionOutput::send_publish(Publication& publication, const OutgoingPublish& out) {
  if (!is_let_in_ || disconnecting_) return SendResult::no_room;
  if (out.qos == mqtt::QoS::at_most_once && backlog_full()) return SendResult::no_room;
  const MessageView& message = publication.view();
  const TopicMap& topics = session_->core().topics();
  const auto topic = topics.to_remote(message.topic.text());
  if (!topic) return SendResult::too_large;
  const bool plain = topics.is_identity() && sent_aliases() == nullptr &&
                     out.subscription_identifier == 0 && !out.dup;
  if (plain && publication.forms() != nullptr && message.payload.size() <= WireForms::max_payload) {
    const WireForms::Form form = publication.forms()->get(message, version_, out.qos, out.retain,
                                                          now_if_it_matters(message));
    if (form.bytes.size() > max_packet_size_) return SendResult::too_large;
    if (form.bytes.size() <= Outbox::max_stretch) {
      append_form(form, out.packet_id, message.payload.size());
      return sent(publication.view(), out);
    }
  }

  mqtt::Publish packet;
  packet.dup = out.dup;
  packet.qos = out.qos;
  packet.retain = out.retain;
  packet.topic = *topic;
  packet.packet_id = out.packet_id;
  packet.payload = message.payload;
  if (is_v5()) return send_v5(publication, out, packet);
  append_publish(publication, packet, {}, mqtt::encoded_header_size(packet, {}, version_));
  return sent(publication.view(), out);
}

/// An encoding that was made once for many receivers.
void ConnectionOutput::append_form(const WireForms::Form& form, std::uint16_t packet_id,
                                   std::size_t payload_size) {
  std::uint8_t* at = outbox_.stretch(context_.pool, form.bytes.size());
  std::memcpy(at, form.bytes.data(), form.bytes.size());
  if (form.id_offset != 0) set_packet_id(at + form.id_offset, packet_id);
  outbox_.end_packet();
  counters().send_publish(payload_size);
  output_gathered(form.bytes.size());
}

/// With the properties that are this receiver's own.
SendResult ConnectionOutput::send_v5(Publication& publication, const OutgoingPublish& out,
                                     mqtt::Publish& packet) {
  const MessageView& message = publication.view();
  packet.properties = message.properties;
  mqtt::PropertyList& extra = context_.scratch;
  extra.clear();
  if (const std::uint32_t seconds =
          expiry_seconds_left(message.expires_at, now_if_it_matters(message))) {
    extra.add(mqtt::PropertyId::message_expiry_interval, seconds);  // [MQTT-3.3.2-6]
  }
  if (out.subscription_identifier != 0) {  // [MQTT-3.3.4-3] [MQTT-3.3.4-5]
    extra.add(mqtt::PropertyId::subscription_identifier, out.subscription_identifier);
  }
  std::size_t size = mqtt::encoded_header_size(packet, extra, version_);
  if (size + packet.payload.size() > max_packet_size_) return SendResult::too_large;
  if (mqtt::SentTopicAliases* const aliases = sent_aliases()) {
    if (const auto use = aliases->use(packet.topic); use.alias != 0) {
      if (!use.defines) packet.topic = {};
      extra.add(mqtt::PropertyId::topic_alias, use.alias);
      size = mqtt::encoded_header_size(packet, extra, version_);
    }
  }
  append_publish(publication, packet, extra, size);
  return sent(publication.view(), out);
}

void ConnectionOutput::append_publish(Publication& publication, const mqtt::Publish& packet,
                                      mqtt::Properties extra, std::size_t header_size) {
  const mqtt::ByteView payload = packet.payload;
  const bool share = payload.size() > WireForms::max_payload;
  const std::size_t stretch = header_size + (share ? 0 : payload.size());
  if (stretch <= Outbox::max_stretch) {
    std::uint8_t* at = outbox_.stretch(context_.pool, stretch);
    at = mqtt::encode_header(packet, extra, version_, at);
    if (!share && !payload.empty()) std::memcpy(at, payload.data(), payload.size());
  } else {  // long topics or properties
    std::vector<std::uint8_t> header(header_size);
    mqtt::encode_header(packet, extra, version_, header.data());
    outbox_.append(context_.pool, header);
    if (!share) outbox_.append(context_.pool, payload);
  }
  if (share) outbox_.append_payload(context_.pool, publication.message());
  outbox_.end_packet();
  counters().send_publish(payload.size());
  output_gathered(header_size + payload.size());
}

/// Asking the clock costs more than writing a small packet.
Millis ConnectionOutput::now_if_it_matters(const MessageView& message) {
  return message.expires_at == never ? 0 : worker().now();
}

/// Whether a QoS 0 message would come on top of too much that waits already.
bool ConnectionOutput::backlog_full() {
  const Limits& limits = config().limits;
  const auto full = [&] {
    return outbox_.bytes() >= limits.max_output_buffer_bytes ||
           (limits.max_queued_messages != 0 && outbox_.packets() >= limits.max_queued_messages);
  };
  if (!full()) return false;
  if (blocked_) return true;
  flush_early();
  return full();
}

void ConnectionOutput::send_acknowledgement(mqtt::PacketType type, std::uint16_t packet_id,
                                            mqtt::ReasonCode reason) {
  if (packets_are_logged()) [[unlikely]]
    session_log().sending_acknowledgement(type, packet_id, reason);
  // The success forms, which are nearly all: four bytes.
  if (reason == mqtt::ReasonCode::success || !is_v5()) {
    if (!may_send(4)) return;
    std::uint8_t* at = outbox_.stretch(context_.pool, 4);
    const unsigned flags = type == mqtt::PacketType::pubrel ? 2U : 0U;  // [MQTT-3.6.1-1]
    at[0] = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
    at[1] = 2;
    set_packet_id(at + 2, packet_id);
    outbox_.end_packet();
    output_gathered(4);
    return;
  }
  switch (type) {
    case mqtt::PacketType::puback:
      return send_packet(mqtt::Puback{packet_id, reason, {}}, version_);
    case mqtt::PacketType::pubrec:
      return send_packet(mqtt::Pubrec{packet_id, reason, {}}, version_);
    case mqtt::PacketType::pubrel:
      return send_packet(mqtt::Pubrel{packet_id, reason, {}}, version_);
    default:
      return send_packet(mqtt::Pubcomp{packet_id, reason, {}}, version_);
  }
}

void ConnectionOutput::send(const mqtt::Suback& packet) {
  if (packets_are_logged()) session_log().sending(mqtt::PacketType::suback);
  send_packet(packet, version_);
}

void ConnectionOutput::send(const mqtt::Unsuback& packet) {
  if (packets_are_logged()) session_log().sending(mqtt::PacketType::unsuback);
  send_packet(packet, version_);
}

void ConnectionOutput::send_disconnect(mqtt::ReasonCode reason) {
  if (packets_are_logged()) session_log().sending_disconnect(reason);
  send_packet(mqtt::Disconnect{reason, {}}, version_);
}

/// Whether the client takes a packet of this size. [MQTT-3.1.2-24] An answer may not be left out:
/// where it is too large, the connection ends. What caused a DISCONNECT gets no answer any more.
/// [MQTT-3.14.4-1]
bool ConnectionOutput::may_send(std::size_t packet_size) {
  if (disconnecting_) return false;
  if (packet_size <= max_packet_size_) return true;
  end_with_turn(mqtt::ReasonCode::packet_too_large);
  return false;
}

template <class PacketT>
void ConnectionOutput::send_packet(const PacketT& packet, mqtt::ProtocolVersion version) {
  if (stream_ == nullptr) return;
  const std::size_t size = mqtt::encoded_size(packet, version);
  if (!may_send(size)) return;
  if (size <= Outbox::max_stretch) {
    mqtt::encode(packet, version, outbox_.stretch(context_.pool, size));
  } else {
    std::vector<std::uint8_t> bytes(size);
    mqtt::encode(packet, version, bytes.data());
    outbox_.append(context_.pool, bytes);
  }
  outbox_.end_packet();
  output_gathered(size);
}

template void ConnectionOutput::send_packet(const mqtt::Connack&, mqtt::ProtocolVersion);
template void ConnectionOutput::send_packet(const mqtt::Auth&, mqtt::ProtocolVersion);
template void ConnectionOutput::send_packet(const mqtt::Disconnect&, mqtt::ProtocolVersion);
template void ConnectionOutput::send_packet(const mqtt::Pingresp&, mqtt::ProtocolVersion);

mqtt::ReceivedTopicAliases& ConnectionOutput::received_aliases() {
  auto& aliases = extensions().received_aliases;
  if (!aliases) aliases = std::make_unique<mqtt::ReceivedTopicAliases>(receive_alias_maximum_);
  return *aliases;
}

void ConnectionOutput::offer_room() {
  if (blocked_ || !room_wanted_ || session_ == nullptr) return;
  room_wanted_ = false;
  session_->outgoing().on_room();
}

bool ConnectionOutput::has_room() const {
  const std::uint32_t packet_limit = config().limits.max_queued_messages;
  const bool room =
      outbox_.bytes() < room_limit && (packet_limit == 0 || outbox_.packets() < packet_limit);
  if (room && is_let_in_ && !disconnecting_ && !blocked_) return true;
  room_wanted_ = true;
  return false;
}

void ConnectionOutput::output_gathered(std::size_t bytes) {
  if (bytes != 0) counters().send_packet();
  if (!dirty_) {
    dirty_ = true;
    note_output();
  }
  if (outbox_.bytes() < write_early || blocked_) return;
  flush_early();
}

/// Within a turn. Acknowledgements may be among the output.
void ConnectionOutput::flush_early() {
  context_.sessions.dispatcher.post_letters();
  flush();
}

void ConnectionOutput::flush() {
  if (stream_ == nullptr || blocked_) return;
  if (!outbox_.empty()) {
    const std::size_t before = outbox_.bytes();
    blocked_ = !outbox_.write_to(*stream_, context_.pool);
    counters().send_bytes(before - outbox_.bytes());
    report_waiting();
  }
}

/// What the socket did not take, for the gauges.
void ConnectionOutput::report_waiting() {
  const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(outbox_.bytes(), UINT32_MAX));
  const auto packets = static_cast<std::uint32_t>(outbox_.packets());
  if (bytes == waiting_bytes_ && packets == waiting_packets_) return;
  counters().add(Count::output_bytes, std::int64_t{bytes} - waiting_bytes_);
  counters().add(Count::output_packets, std::int64_t{packets} - waiting_packets_);
  waiting_bytes_ = bytes;
  waiting_packets_ = packets;
}

void ConnectionOutput::log_publish(const MessageView& message, bool dup, std::uint16_t packet_id,
                                   mqtt::ReasonCode refusal) {
  session_log().received_publish(
      {dup, message.qos, message.retain, packet_id, message.topic.text(), message.payload.size()},
      refusal);
}

void ConnectionOutput::log_sending(const MessageView& message, const OutgoingPublish& out) {
  session_log().sending_publish(
      {out.dup, out.qos, out.retain, out.packet_id, message.topic.text(), message.payload.size()});
}

}  // namespace broker

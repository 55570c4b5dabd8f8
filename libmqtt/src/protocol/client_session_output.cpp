// What the server gets: requests, checked against what it allows, and their encoding.
#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "client_session_write.h"
#include "mqtt/protocol/client_session.h"
#include "mqtt/protocol/topic.h"

namespace mqtt {
namespace {

/// What an automatic Topic Alias adds to a packet at most: the property, and one byte more for the
/// length of the block.
constexpr std::size_t alias_cost = 4;

std::array<std::uint8_t, 3> alias_block(std::uint16_t alias) {
  return {static_cast<std::uint8_t>(PropertyId::topic_alias), static_cast<std::uint8_t>(alias >> 8),
          static_cast<std::uint8_t>(alias & 0xFF)};
}

PropertyList without_alias(Properties properties) {
  PropertyList rest;
  for (const Property& property : properties) {
    if (property.id != PropertyId::topic_alias) rest.add(property);
  }
  return rest;
}

}  // namespace

// --- PUBLISH ---------------------------------------------------------------------------------

tl::expected<std::uint16_t, SendError> ClientSession::publish(const Publish& message, Time now,
                                                              Bytes& out) {
  heard_of(now);
  if (!connected()) return tl::unexpected(SendError::not_connected);
  Publish packet = message;
  packet.dup = false;  // [MQTT-3.3.1-2] [MQTT-4.3.1-1] [MQTT-4.3.2-2] [MQTT-4.3.3-2]
  packet.packet_id = 0;
  if (!is_v5(parameters_.version)) packet.properties = {};

  std::optional<std::uint32_t> alias;
  if (!packet.properties.empty()) alias = packet.properties.number(PropertyId::topic_alias);
  Publish in_full = packet;
  if (alias) {
    const auto topic = topic_of_own_alias(packet.topic, *alias);
    if (!topic) return tl::unexpected(SendError::topic_alias_invalid);
    in_full.topic = *topic;
  }
  if (const auto error = refusal(in_full)) return tl::unexpected(*error);

  const bool is_kept = packet.qos != QoS::at_most_once;
  if (is_kept) in_full.packet_id = packet.packet_id = sender_.next_packet_id();
  if (alias && !packet.topic.empty()) {
    own_aliases_.set(static_cast<std::uint16_t>(*alias), packet.topic);
  }
  const std::size_t begin = out.size();
  const bool has_alias = write_publish(packet, out) || alias;
  if (!is_kept) return packet.packet_id;
  StoredPublish kept = spare();
  if (has_alias) {
    write_without_alias(in_full, kept);
  } else {
    kept.assign(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
  }
  return sender_.start(packet.qos, std::move(kept));
}

std::optional<SendError> ClientSession::refusal(const Publish& message) const {
  if (!TopicName::parse(message.topic)) return SendError::topic_invalid;
  if (message.qos > limits_.maximum_qos) return SendError::qos_not_supported;  // [MQTT-3.2.2-11]
  if (message.retain && !limits_.retain_available) {
    return SendError::retain_not_supported;  // [MQTT-3.2.2-14]
  }
  if (message.payload.size() > max_encodable_size ||
      encoded_size(message, parameters_.version) > limits_.maximum_packet_size) {
    return SendError::packet_too_large;  // [MQTT-3.2.2-15]
  }
  if (message.qos != QoS::at_most_once && !sender_.has_room()) return SendError::window_full;
  return std::nullopt;
}

/// The topic of a message whose alias was set by hand; nullopt if the alias is out of range
/// [MQTT-3.3.2-9], or stands for nothing.
std::optional<std::string_view> ClientSession::topic_of_own_alias(std::string_view topic,
                                                                  std::uint32_t alias) const {
  if (!own_aliases_.in_range(alias)) return std::nullopt;
  if (!topic.empty()) return topic;
  return own_aliases_.find(static_cast<std::uint16_t>(alias));
}

/// The form that is sent again on another connection, where no alias is known.
void ClientSession::write_without_alias(const Publish& packet, StoredPublish& kept) const {
  const PropertyList rest = without_alias(packet.properties);
  Publish plain = packet;
  plain.properties = rest;
  kept.resize(encoded_size(plain, parameters_.version));
  encode(plain, parameters_.version, kept.data());
}

/// An empty one, with the memory of one that was needed before.
ClientSession::StoredPublish ClientSession::spare() {
  if (spares_.empty()) return {};
  StoredPublish spare = std::move(spares_.back());
  spares_.pop_back();
  return spare;
}

/// With an automatic alias where one is free and the packet does not become too large by it;
/// whether it has one.
bool ClientSession::write_publish(const Publish& packet, Bytes& out) {
  const ProtocolVersion version = parameters_.version;
  const bool may_alias = sent_aliases_.maximum() != 0 && !packet.topic.empty() &&
                         encoded_size(packet, version) + alias_cost <= limits_.maximum_packet_size;
  const auto use = may_alias ? sent_aliases_.use(packet.topic) : SentTopicAliases::Use{};
  if (use.alias == 0) {
    write(packet, out);
    return false;
  }

  Publish shorter = packet;
  if (!use.defines) shorter.topic = {};
  const auto block = alias_block(use.alias);
  const auto extra = Properties::from_valid_bytes(block);
  const std::size_t begin = out.size();
  out.resize(begin + encoded_header_size(shorter, extra, version) + packet.payload.size());
  std::uint8_t* const end = encode_header(shorter, extra, version, out.data() + begin);
  std::copy(packet.payload.begin(), packet.payload.end(), end);
  on_written(begin, out);
  return true;
}

/// What the server has not taken responsibility for, as far as its window allows.
void ClientSession::write_resends(Bytes& out) {
  while (const auto resend = sender_.next_resend()) {
    if (resend->pubrel) {
      write(Pubrel{resend->packet_id, ReasonCode::success, {}}, out);  // [MQTT-4.4.0-1]
      continue;
    }
    const std::size_t begin = out.size();
    out.insert(out.end(), resend->item->begin(), resend->item->end());
    constexpr std::uint8_t dup = 0x08;
    // [MQTT-3.3.1-1] [MQTT-4.4.0-1]
    if (resend_with_dup_) out[begin] = static_cast<std::uint8_t>(out[begin] | dup);
    on_written(begin, out);
  }
}

// --- acknowledgements ------------------------------------------------------------------------

void ClientSession::acknowledge(ArrivalNumber number, ReasonCode reason, Time now, Bytes& out) {
  heard_of(now);
  write_decided(number, reason, out);
}

void ClientSession::write_decided(ArrivalNumber number, ReasonCode reason, Bytes& out) {
  receiver_.decide(number, reason, [&](PacketType type, std::uint16_t id, ReasonCode code) {
    if (!connected()) return;
    if (type == PacketType::puback) {
      write(Puback{id, code, {}}, out);
    } else {
      write(Pubrec{id, code, {}}, out);
    }
  });
}

// --- SUBSCRIBE, UNSUBSCRIBE --------------------------------------------------------------------

tl::expected<std::uint16_t, SendError> ClientSession::subscribe(
    std::span<const SubscriptionRequest> subscriptions, Properties properties, Time now,
    Bytes& out) {
  heard_of(now);
  if (!connected()) return tl::unexpected(SendError::not_connected);
  for (const SubscriptionRequest& request : subscriptions) {
    if (const auto error = refusal(request)) return tl::unexpected(*error);
  }
  Subscribe packet;
  if (is_v5(parameters_.version)) packet.properties = properties;
  packet.subscriptions.assign(subscriptions.begin(), subscriptions.end());
  if (!limits_.subscription_identifier_available &&
      packet.properties.contains(PropertyId::subscription_identifier)) {
    return tl::unexpected(SendError::subscription_identifiers_not_supported);
  }
  return write_request(packet, PacketType::suback, subscriptions.size(), out);
}

std::optional<SendError> ClientSession::refusal(const SubscriptionRequest& request) const {
  const auto filter = TopicFilter::parse(request.filter);
  if (!filter) return SendError::topic_invalid;
  if (!is_v5(parameters_.version)) return std::nullopt;
  if (filter->is_shared() && !limits_.shared_subscription_available) {
    return SendError::shared_subscriptions_not_supported;
  }
  if (filter->is_shared() && request.options.no_local) {
    return SendError::topic_invalid;  // [MQTT-3.8.3-4]
  }
  if (filter->has_wildcard() && !limits_.wildcard_subscription_available) {
    return SendError::wildcard_subscriptions_not_supported;
  }
  return std::nullopt;
}

tl::expected<std::uint16_t, SendError> ClientSession::unsubscribe(
    std::span<const std::string_view> filters, Properties properties, Time now, Bytes& out) {
  heard_of(now);
  if (!connected()) return tl::unexpected(SendError::not_connected);
  for (const std::string_view filter : filters) {
    if (!TopicFilter::parse(filter)) return tl::unexpected(SendError::topic_invalid);
  }
  Unsubscribe packet;
  if (is_v5(parameters_.version)) packet.properties = properties;
  packet.filters.assign(filters.begin(), filters.end());
  return write_request(packet, PacketType::unsuback, filters.size(), out);
}

template <class Packet>
tl::expected<std::uint16_t, SendError> ClientSession::write_request(Packet& packet,
                                                                    PacketType answer,
                                                                    std::size_t filters,
                                                                    Bytes& out) {
  if (filters == 0) return tl::unexpected(SendError::nothing_to_send);
  if (encoded_size(packet, parameters_.version) > limits_.maximum_packet_size) {
    return tl::unexpected(SendError::packet_too_large);
  }
  const auto packet_id = sender_.reserve_id();
  if (!packet_id) return tl::unexpected(SendError::no_packet_id);
  packet.packet_id = *packet_id;
  requests_.push_back({*packet_id, answer, filters});
  write(packet, out);
  return *packet_id;
}

// --- AUTH, DISCONNECT ----------------------------------------------------------------------------

tl::expected<void, SendError> ClientSession::authenticate(ByteView data, Properties more, Time now,
                                                          Bytes& out) {
  heard_of(now);
  if (!connecting() && !connected()) return tl::unexpected(SendError::not_connected);
  return write_auth(ReasonCode::continue_authentication, data, more, out);  // [MQTT-4.12.0-3]
}

tl::expected<void, SendError> ClientSession::reauthenticate(ByteView data, Properties more,
                                                            Time now, Bytes& out) {
  heard_of(now);
  if (!connected()) return tl::unexpected(SendError::not_connected);
  return write_auth(ReasonCode::re_authenticate, data, more, out);
}

tl::expected<void, SendError> ClientSession::write_auth(ReasonCode reason, ByteView data,
                                                        Properties more, Bytes& out) {
  const auto method = parameters_.properties.view().text(PropertyId::authentication_method);
  // [MQTT-4.12.0-7]
  if (!method || !is_v5(parameters_.version)) return tl::unexpected(SendError::nothing_to_send);
  PropertyList properties;  // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
  properties.add(PropertyId::authentication_method, *method);
  if (!data.empty()) properties.add(PropertyId::authentication_data, as_text(data));
  for (const Property& property : more) properties.add(property);
  const Auth packet{reason, properties};
  if (encoded_size(packet, parameters_.version) > limits_.maximum_packet_size) {
    return tl::unexpected(SendError::packet_too_large);  // [MQTT-3.15.2-2] [MQTT-3.15.2-3]
  }
  write(packet, out);
  return {};
}

void ClientSession::disconnect(ReasonCode reason, Properties properties, Bytes& out) {
  if (connected()) {
    Disconnect packet{reason, properties};
    if (encoded_size(packet, parameters_.version) > limits_.maximum_packet_size) {
      packet.properties = {};  // [MQTT-3.14.2-3] [MQTT-3.14.2-4]
    }
    write(packet, out);
  }
  if (state_ != State::idle) state_ = State::over;  // [MQTT-3.14.4-1]
}

void ClientSession::on_written(std::size_t begin, const Bytes& out) {
  last_sent_ = now_;
  if (!trace_) return;
  trace_(Direction::sent, read_frame(ByteView(out).subspan(begin), max_encodable_size).frame);
}

}  // namespace mqtt

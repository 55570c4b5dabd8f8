#include "support/packet_builders.h"

#include "support/bytes_notation.h"

namespace test {

Bytes hex(std::string_view text) {
  return BytesNotation::parse(text);
}

ConnectBuilder& ConnectBuilder::version(mqtt::ProtocolVersion version) {
  version_ = version;
  return *this;
}

ConnectBuilder& ConnectBuilder::clean(bool clean) {
  clean_ = clean;
  return *this;
}

ConnectBuilder& ConnectBuilder::keepalive(std::uint16_t seconds) {
  keepalive_ = seconds;
  return *this;
}

ConnectBuilder& ConnectBuilder::will(std::string topic, std::string payload, int qos, bool retain) {
  will_ = Will{std::move(topic), std::move(payload), static_cast<mqtt::QoS>(qos), retain, {}};
  return *this;
}

ConnectBuilder& ConnectBuilder::will_with(mqtt::PropertyId id, std::uint32_t number) {
  will_.value().properties.add(id, number);
  return *this;
}

ConnectBuilder& ConnectBuilder::will_with(mqtt::PropertyId id, std::string_view text) {
  will_.value().properties.add(id, text);
  return *this;
}

ConnectBuilder& ConnectBuilder::will_user_property(std::string_view name, std::string_view value) {
  will_.value().properties.add_user_property(name, value);
  return *this;
}

ConnectBuilder& ConnectBuilder::user(std::string name) {
  user_ = std::move(name);
  return *this;
}

ConnectBuilder& ConnectBuilder::password(std::string password) {
  password_ = std::move(password);
  return *this;
}

mqtt::Connect ConnectBuilder::packet() const {
  mqtt::Connect packet;
  packet.version = version_;
  packet.clean_start = clean_;
  packet.keep_alive_s = keepalive_;
  packet.properties = properties();
  packet.client_id = client_id_;
  if (will_) {
    packet.will = mqtt::Will{will_->topic, mqtt::as_bytes(will_->payload), will_->qos,
                             will_->retain, will_->properties};
  }
  packet.user_name = user_;
  packet.password = password_;
  return packet;
}

ConnackBuilder& ConnackBuilder::session_present(bool present) {
  session_present_ = present;
  return *this;
}

PublishBuilder& PublishBuilder::qos(int qos) {
  qos_ = static_cast<mqtt::QoS>(qos);
  return *this;
}

PublishBuilder& PublishBuilder::id(std::uint16_t packet_id) {
  packet_id_ = packet_id;
  return *this;
}

PublishBuilder& PublishBuilder::retain(bool retain) {
  retain_ = retain;
  return *this;
}

PublishBuilder& PublishBuilder::dup(bool dup) {
  dup_ = dup;
  return *this;
}

PublishBuilder::operator mqtt::Packet() const {
  mqtt::Publish packet;
  packet.dup = dup_;
  packet.qos = qos_;
  packet.retain = retain_;
  packet.topic = topic_;
  packet.packet_id = packet_id_;
  packet.properties = properties();
  packet.payload = mqtt::as_bytes(payload_);
  return packet;
}

SubscribeBuilder& SubscribeBuilder::filter(std::string filter, int qos) {
  filters_.emplace_back(std::move(filter), mqtt::SubscriptionOptions{});
  filters_.back().second.qos = static_cast<mqtt::QoS>(qos);
  return *this;
}

SubscribeBuilder& SubscribeBuilder::no_local() {
  filters_.back().second.no_local = true;
  return *this;
}

SubscribeBuilder& SubscribeBuilder::retain_as_published() {
  filters_.back().second.retain_as_published = true;
  return *this;
}

SubscribeBuilder& SubscribeBuilder::retain_handling(int handling) {
  filters_.back().second.retain_handling = static_cast<mqtt::RetainHandling>(handling);
  return *this;
}

SubscribeBuilder::operator mqtt::Packet() const {
  mqtt::Subscribe packet;
  packet.packet_id = packet_id_;
  packet.properties = properties();
  for (const auto& [filter, options] : filters_) packet.subscriptions.push_back({filter, options});
  return packet;
}

UnsubscribeBuilder& UnsubscribeBuilder::filter(std::string filter) {
  filters_.push_back(std::move(filter));
  return *this;
}

UnsubscribeBuilder::operator mqtt::Packet() const {
  mqtt::Unsubscribe packet;
  packet.packet_id = packet_id_;
  packet.properties = properties();
  packet.filters.assign(filters_.begin(), filters_.end());
  return packet;
}

}  // namespace test

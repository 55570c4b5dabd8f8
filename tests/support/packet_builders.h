#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/protocol/packet.h"

/// Packets as tests write them: `connect("id").v5().clean(false).keepalive(60)`,
/// `publish("a/b", "hello").qos(1).id(7)`, `suback(1, {0, 0x80})`.
///
/// Each builder owns its texts and turns into an mqtt::Packet that borrows them: a packet made of
/// a temporary builder is good for one full expression, such as `peer.send(publish(...))`.
/// Numbers are given as numbers (QoS 0 to 2, reason codes as in the standard's tables), because
/// that is what a test is about.
namespace test {

using Bytes = std::vector<std::uint8_t>;

/// Bytes in BytesNotation: "10 [ ('MQTT') 04 02 003C ('id') ]".
Bytes hex(std::string_view text);

/// A text of `size` times `c`.
inline std::string repeated(std::size_t size, char c = 'x') {
  return std::string(size, c);
}

template <class Builder>
class WithProperties {
 public:
  Builder& with(mqtt::PropertyId id, std::uint32_t number) {
    properties_.add(id, number);
    return self();
  }
  Builder& with(mqtt::PropertyId id, std::string_view text) {
    properties_.add(id, text);
    return self();
  }
  Builder& user_property(std::string_view name, std::string_view value) {
    properties_.add_user_property(name, value);
    return self();
  }

 protected:
  mqtt::Properties properties() const { return properties_; }

 private:
  Builder& self() { return static_cast<Builder&>(*this); }
  mqtt::PropertyList properties_;
};

class ConnectBuilder : public WithProperties<ConnectBuilder> {
 public:
  explicit ConnectBuilder(std::string client_id) : client_id_(std::move(client_id)) {}

  ConnectBuilder& version(mqtt::ProtocolVersion version);
  ConnectBuilder& v31() { return version(mqtt::ProtocolVersion::v31); }
  ConnectBuilder& v311() { return version(mqtt::ProtocolVersion::v311); }
  ConnectBuilder& v5() { return version(mqtt::ProtocolVersion::v5); }
  /// Clean Start; in 3.x Clean Session.
  ConnectBuilder& clean(bool clean = true);
  ConnectBuilder& keepalive(std::uint16_t seconds);
  ConnectBuilder& will(std::string topic, std::string payload, int qos = 0, bool retain = false);
  /// Properties of the Will; after `will`.
  ConnectBuilder& will_with(mqtt::PropertyId id, std::uint32_t number);
  ConnectBuilder& will_with(mqtt::PropertyId id, std::string_view text);
  ConnectBuilder& will_user_property(std::string_view name, std::string_view value);
  ConnectBuilder& user(std::string name);
  ConnectBuilder& password(std::string password);

  mqtt::Connect packet() const;
  operator mqtt::Packet() const { return packet(); }

 private:
  struct Will {
    std::string topic;
    std::string payload;
    mqtt::QoS qos;
    bool retain;
    mqtt::PropertyList properties;
  };

  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v311;
  bool clean_ = true;
  std::uint16_t keepalive_ = 60;
  std::string client_id_;
  std::optional<Will> will_;
  std::optional<std::string> user_;
  std::optional<std::string> password_;
};

class ConnackBuilder : public WithProperties<ConnackBuilder> {
 public:
  explicit ConnackBuilder(int reason) : reason_(static_cast<mqtt::ReasonCode>(reason)) {}
  ConnackBuilder& session_present(bool present = true);
  operator mqtt::Packet() const { return mqtt::Connack{session_present_, reason_, properties()}; }

 private:
  bool session_present_ = false;
  mqtt::ReasonCode reason_;
};

class PublishBuilder : public WithProperties<PublishBuilder> {
 public:
  PublishBuilder(std::string topic, std::string payload)
      : topic_(std::move(topic)), payload_(std::move(payload)) {}
  PublishBuilder& qos(int qos);
  PublishBuilder& id(std::uint16_t packet_id);
  PublishBuilder& retain(bool retain = true);
  PublishBuilder& dup(bool dup = true);
  operator mqtt::Packet() const;

 private:
  std::string topic_;
  std::string payload_;
  mqtt::QoS qos_ = mqtt::QoS::at_most_once;
  std::uint16_t packet_id_ = 0;
  bool retain_ = false;
  bool dup_ = false;
};

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
template <class Ack>
class AckBuilder : public WithProperties<AckBuilder<Ack>> {
 public:
  AckBuilder(std::uint16_t packet_id, int reason)
      : packet_id_(packet_id), reason_(static_cast<mqtt::ReasonCode>(reason)) {}
  operator mqtt::Packet() const { return Ack{packet_id_, reason_, this->properties()}; }

 private:
  std::uint16_t packet_id_;
  mqtt::ReasonCode reason_;
};

class SubscribeBuilder : public WithProperties<SubscribeBuilder> {
 public:
  explicit SubscribeBuilder(std::uint16_t packet_id) : packet_id_(packet_id) {}
  SubscribeBuilder& filter(std::string filter, int qos = 0);
  /// Options of the filter named last.
  SubscribeBuilder& no_local();
  SubscribeBuilder& retain_as_published();
  SubscribeBuilder& retain_handling(int handling);
  operator mqtt::Packet() const;

 private:
  std::uint16_t packet_id_;
  std::vector<std::pair<std::string, mqtt::SubscriptionOptions>> filters_;
};

/// SUBACK or UNSUBACK.
template <class Answer>
class ResultsBuilder : public WithProperties<ResultsBuilder<Answer>> {
 public:
  ResultsBuilder(std::uint16_t packet_id, const std::vector<int>& reasons) : packet_id_(packet_id) {
    for (const int reason : reasons) reasons_.push_back(static_cast<mqtt::ReasonCode>(reason));
  }
  operator mqtt::Packet() const { return Answer{packet_id_, this->properties(), reasons_}; }

 private:
  std::uint16_t packet_id_;
  std::vector<mqtt::ReasonCode> reasons_;
};

class UnsubscribeBuilder : public WithProperties<UnsubscribeBuilder> {
 public:
  explicit UnsubscribeBuilder(std::uint16_t packet_id) : packet_id_(packet_id) {}
  UnsubscribeBuilder& filter(std::string filter);
  operator mqtt::Packet() const;

 private:
  std::uint16_t packet_id_;
  std::vector<std::string> filters_;
};

/// DISCONNECT or AUTH.
template <class Type>
class ReasonBuilder : public WithProperties<ReasonBuilder<Type>> {
 public:
  explicit ReasonBuilder(int reason) : reason_(static_cast<mqtt::ReasonCode>(reason)) {}
  operator mqtt::Packet() const { return Type{reason_, this->properties()}; }

 private:
  mqtt::ReasonCode reason_;
};

/// 3.1.1, clean, keep alive 60 s unless said otherwise.
inline ConnectBuilder connect(std::string client_id) {
  return ConnectBuilder(std::move(client_id));
}
/// For 3.x, `reason` is the reason code that the return code stands for (0x87 for 5, and so on).
inline ConnackBuilder connack(int reason = 0) {
  return ConnackBuilder(reason);
}
inline PublishBuilder publish(std::string topic, std::string payload = {}) {
  return {std::move(topic), std::move(payload)};
}
inline AckBuilder<mqtt::Puback> puback(std::uint16_t id, int reason = 0) {
  return {id, reason};
}
inline AckBuilder<mqtt::Pubrec> pubrec(std::uint16_t id, int reason = 0) {
  return {id, reason};
}
inline AckBuilder<mqtt::Pubrel> pubrel(std::uint16_t id, int reason = 0) {
  return {id, reason};
}
inline AckBuilder<mqtt::Pubcomp> pubcomp(std::uint16_t id, int reason = 0) {
  return {id, reason};
}
inline SubscribeBuilder subscribe(std::uint16_t id) {
  return SubscribeBuilder(id);
}
inline SubscribeBuilder subscribe(std::uint16_t id, std::string filter, int qos = 0) {
  return SubscribeBuilder(id).filter(std::move(filter), qos);
}
inline ResultsBuilder<mqtt::Suback> suback(std::uint16_t id, const std::vector<int>& reasons) {
  return {id, reasons};
}
inline UnsubscribeBuilder unsubscribe(std::uint16_t id) {
  return UnsubscribeBuilder(id);
}
inline UnsubscribeBuilder unsubscribe(std::uint16_t id, std::string filter) {
  return UnsubscribeBuilder(id).filter(std::move(filter));
}
/// 3.x: without reasons, the packet has no payload.
inline ResultsBuilder<mqtt::Unsuback> unsuback(std::uint16_t id,
                                               const std::vector<int>& reasons = {}) {
  return {id, reasons};
}
inline mqtt::Packet pingreq() {
  return mqtt::Pingreq{};
}
inline mqtt::Packet pingresp() {
  return mqtt::Pingresp{};
}
inline ReasonBuilder<mqtt::Disconnect> disconnect(int reason = 0) {
  return ReasonBuilder<mqtt::Disconnect>(reason);
}
inline ReasonBuilder<mqtt::Auth> auth(int reason = 0) {
  return ReasonBuilder<mqtt::Auth>(reason);
}

}  // namespace test

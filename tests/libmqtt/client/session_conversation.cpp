#include "libmqtt/client/session_conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "mqtt/protocol/encode.h"

namespace test {
namespace {

namespace event = mqtt::client_event;

std::string code_of(mqtt::ReasonCode reason) {
  return fmt::format("0x{:02x}", static_cast<unsigned>(reason));
}

std::string if_not_success(mqtt::ReasonCode reason) {
  return reason == mqtt::ReasonCode::success ? "" : " " + code_of(reason);
}

std::string codes_of(const std::vector<mqtt::ReasonCode>& reasons) {
  std::string all;
  for (const auto reason : reasons) all += " " + code_of(reason);
  return all;
}

struct ToText {
  std::string operator()(const event::Connected& e) const {
    return e.connack.session_present ? "connected, session present" : "connected";
  }
  std::string operator()(const event::Refused& e) const {
    return "refused " + code_of(e.connack.reason);
  }
  std::string operator()(const event::MessageReceived& e) const {
    const auto& m = e.message;
    return fmt::format("message '{}' '{}' QoS {}{}{}", m.topic, mqtt::as_text(m.payload),
                       static_cast<int>(m.qos), m.retain ? " retain" : "",
                       e.number == 0 ? "" : fmt::format(" number {}", e.number));
  }
  std::string operator()(const event::Published& e) const {
    return fmt::format("published {}{}", e.packet_id, if_not_success(e.reason));
  }
  std::string operator()(const event::PublishLost& e) const {
    return fmt::format("lost {}: {}", e.packet_id, mqtt::text(e.error));
  }
  std::string operator()(const event::Subscribed& e) const {
    return fmt::format("subscribed {}:{}", e.suback.packet_id, codes_of(e.suback.reasons));
  }
  std::string operator()(const event::Unsubscribed& e) const {
    return fmt::format("unsubscribed {}:{}", e.unsuback.packet_id, codes_of(e.unsuback.reasons));
  }
  std::string operator()(const event::AuthReceived& e) const {
    const auto data = e.auth.properties.text(mqtt::PropertyId::authentication_data);
    return fmt::format("auth {} '{}'", code_of(e.auth.reason), data.value_or(""));
  }
  std::string operator()(const event::DisconnectedByServer& e) const {
    return "disconnected by server " + code_of(e.disconnect.reason);
  }
  std::string operator()(const event::Failed& e) const {
    return fmt::format("failed {}: {}", code_of(e.reason), e.detail);
  }
};

}  // namespace

std::string text_of(const mqtt::ClientEvent& event) {
  return std::visit(ToText{}, event);
}

void Conversation::connect() {
  session.connect(now, written_);
}

void Conversation::open(const mqtt::Packet& connack, Line line) {
  connect();
  written_.clear();
  reply(connack, line);
  const bool present = std::get<mqtt::Connack>(connack).session_present;
  see(present ? "connected, session present" : "connected", line);
}

void Conversation::expect(const mqtt::Packet& packet, Line line) {
  const auto version = session.parameters().version;
  const Bytes wanted = mqtt::encoded(packet, version);
  if (written_.size() < wanted.size() ||
      !std::equal(wanted.begin(), wanted.end(), written_.begin())) {
    fail(line, "expected " + text_of(packet) + "\nbut the session wrote\n" +
                   text_of(mqtt::ByteView(written_), version));
  }
  written_.erase(written_.begin(), written_.begin() + static_cast<std::ptrdiff_t>(wanted.size()));
}

void Conversation::expect_nothing(Line line) {
  if (written_.empty()) return;
  fail(line, "the session also wrote\n" +
                 text_of(mqtt::ByteView(written_), session.parameters().version));
}

void Conversation::reply(const mqtt::Packet& packet, Line line) {
  reply(mqtt::ByteView(mqtt::encoded(packet, session.parameters().version)), line);
}

void Conversation::reply(mqtt::ByteView bytes, Line line) {
  expect_nothing(line);
  see_nothing(line);
  session.feed(bytes, now);
  collect_events();
}

void Conversation::collect_events() {
  while (const auto event = session.next_event(written_)) events_.push_back(text_of(*event));
}

void Conversation::see(const std::string& event, Line line) {
  if (events_.empty()) fail(line, "expected the event: " + event + "\nbut nothing happened");
  const std::string first = events_.front();
  events_.erase(events_.begin());
  if (first != event) fail(line, "expected the event: " + event + "\nbut saw: " + first);
}

void Conversation::see_nothing(Line line) {
  if (!events_.empty()) fail(line, "the session also reported: " + events_.front());
}

void Conversation::tick() {
  session.tick(now, written_);
  collect_events();
}

std::string Conversation::publish(const std::string& topic, const std::string& payload, int qos,
                                  mqtt::Properties properties, bool retain) {
  mqtt::Publish message;
  message.topic = topic;
  message.payload = mqtt::as_bytes(payload);
  message.qos = static_cast<mqtt::QoS>(qos);
  message.retain = retain;
  message.properties = properties;
  const auto id = session.publish(message, now, written_);
  return id ? fmt::format("id {}", *id) : std::string(mqtt::text(id.error()));
}

std::string Conversation::subscribe(const std::vector<std::string>& filters,
                                    mqtt::Properties properties) {
  std::vector<mqtt::SubscriptionRequest> requests;
  for (const auto& filter : filters) {
    requests.push_back({filter, mqtt::SubscriptionOptions{mqtt::QoS::at_least_once}});
  }
  const auto id = session.subscribe(requests, properties, now, written_);
  return id ? fmt::format("id {}", *id) : std::string(mqtt::text(id.error()));
}

std::string Conversation::unsubscribe(const std::vector<std::string>& filters) {
  const std::vector<std::string_view> views(filters.begin(), filters.end());
  const auto id = session.unsubscribe(views, {}, now, written_);
  return id ? fmt::format("id {}", *id) : std::string(mqtt::text(id.error()));
}

void Conversation::acknowledge(mqtt::ArrivalNumber number, mqtt::ReasonCode reason) {
  session.acknowledge(number, reason, now, written_);
}

std::string Conversation::authenticate(const std::string& data) {
  const auto sent = session.authenticate(mqtt::as_bytes(data), {}, now, written_);
  return sent ? "" : std::string(mqtt::text(sent.error()));
}

std::string Conversation::reauthenticate(const std::string& data) {
  const auto sent = session.reauthenticate(mqtt::as_bytes(data), {}, now, written_);
  return sent ? "" : std::string(mqtt::text(sent.error()));
}

void Conversation::disconnect(mqtt::ReasonCode reason, mqtt::Properties properties) {
  session.disconnect(reason, properties, written_);
}

}  // namespace test

#include "net/packet_gate.h"

#include "mqtt/protocol/decode.h"
#include "net/authentication.h"
#include "net/connection.h"

namespace broker {
namespace {

/// What the session said to a packet.
void settle(Connection& connection, const Checked<InputOutcome>& checked) {
  if (!checked) return connection.reject(checked.error().reason, checked.error().detail);
  if (*checked == InputOutcome::wait) connection.wait_for_answer();
}

/// What nearly all packets come to: they are decoded, logged, and given to the session.
template <class Decode, class Write, class Act>
void take(Connection& connection, const mqtt::Frame& frame, Decode decode, Write write, Act act) {
  const auto packet = decode(frame, connection.version());
  if (!packet) return connection.reject(packet.error());
  if (connection.packets_are_logged()) [[unlikely]]
    write(connection.packet_log(), *packet);
  settle(connection, act(*connection.session(), *packet));
}

/// Puts the topic that an alias stands for into the packet.
Checked<> resolve_alias(Connection& connection, mqtt::Publish& packet) {
  const auto alias = packet.properties.number(mqtt::PropertyId::topic_alias);
  if (!alias) return {};
  mqtt::ReceivedTopicAliases& aliases = connection.received_aliases();
  if (!aliases.in_range(*alias)) {  // [MQTT-3.3.2-9]
    return tl::unexpected(
        Violation{mqtt::ReasonCode::topic_alias_invalid, "Topic Alias above the maximum"});
  }
  if (!packet.topic.empty()) {
    aliases.set(static_cast<std::uint16_t>(*alias), packet.topic);
    return {};
  }
  const auto topic = aliases.find(static_cast<std::uint16_t>(*alias));
  if (!topic) {
    return tl::unexpected(
        Violation{mqtt::ReasonCode::protocol_error, "Topic Alias that was never defined"});
  }
  packet.topic = *topic;
  return {};
}

void on_publish(Connection& connection, const mqtt::Frame& frame) {
  mqtt::Decoded<mqtt::Publish> packet = mqtt::decode_publish(frame, connection.version());
  if (!packet) return connection.reject(packet.error());
  connection.counters().receive_publish(packet->payload.size());
  if (!packet->properties.empty()) {
    if (const auto resolved = resolve_alias(connection, *packet); !resolved)
      return connection.reject(resolved.error().reason, resolved.error().detail);
  }
  settle(connection, connection.session()->incoming().on_publish(*packet));
}

void on_puback(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_puback,
      [](PacketLog log, const auto& packet) {
        log.received_puback(packet.packet_id, packet.reason);
      },
      [](Session& session, const auto& packet) {
        return session.outgoing().on_puback(packet.packet_id, packet.reason);
      });
}

void on_pubrec(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_pubrec,
      [](PacketLog log, const auto& packet) { log.received_pubrec(packet.packet_id); },
      [](Session& session, const auto& packet) {
        return session.outgoing().on_pubrec(packet.packet_id, packet.reason);
      });
}

void on_pubrel(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_pubrel,
      [](PacketLog log, const auto& packet) { log.received_pubrel(packet.packet_id); },
      [](Session& session, const auto& packet) {
        return session.incoming().on_pubrel(packet.packet_id);
      });
}

void on_pubcomp(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_pubcomp,
      [](PacketLog log, const auto& packet) {
        log.received_pubcomp(packet.packet_id, packet.reason);
      },
      [](Session& session, const auto& packet) {
        return session.outgoing().on_pubcomp(packet.packet_id);
      });
}

void on_subscribe(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_subscribe_header,
      [](PacketLog log, const auto&) { log.received(mqtt::PacketType::subscribe); },
      [](Session& session, const auto& packet) {
        return session.subscriptions().on_subscribe(packet);
      });
}

void on_unsubscribe(Connection& connection, const mqtt::Frame& frame) {
  take(
      connection, frame, mqtt::decode_unsubscribe_header,
      [](PacketLog log, const auto&) { log.received(mqtt::PacketType::unsubscribe); },
      [](Session& session, const auto& packet) {
        return session.subscriptions().on_unsubscribe(packet);
      });
}

void on_pingreq(Connection& connection, const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_pingreq(frame, connection.version());
  if (!packet) return connection.reject(packet.error());
  if (connection.packets_are_logged()) {
    connection.packet_log().received(mqtt::PacketType::pingreq);
    connection.packet_log().sending(mqtt::PacketType::pingresp);
  }
  connection.send_packet(mqtt::Pingresp{}, connection.version());  // [MQTT-3.12.4-1]
}

void on_second_connect(Connection& connection, const mqtt::Frame&) {  // [MQTT-3.1.0-2]
  connection.reject(mqtt::ReasonCode::protocol_error, "second CONNECT", /*tell=*/false);
}

}  // namespace

void handle_disconnect(Connection& connection, const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_disconnect(frame, connection.version());
  if (!packet) return connection.reject(packet.error());
  if (connection.packets_are_logged())
    connection.packet_log().received(mqtt::PacketType::disconnect);
  const auto expiry = packet->properties.number(mqtt::PropertyId::session_expiry_interval);
  if (expiry && connection.session() != nullptr) {
    const auto changed = connection.session()->change_expiry_interval(*expiry);
    if (!changed) return connection.reject(changed.error().reason, changed.error().detail);
  }
  // Any other reason than a normal disconnection asks for the Will. [MQTT-3.14.4-3]
  const bool normal = packet->reason == mqtt::ReasonCode::normal_disconnection;
  connection.close(normal ? Session::Departure::disconnected : Session::Departure::lost, {});
}

void handle_unexpected(Connection& connection, const mqtt::Frame&) {
  connection.reject(mqtt::ReasonCode::protocol_error,
                    "packet that only a server sends, or of no known type");
}

const PacketGate client_gate = {
    handle_unexpected, on_second_connect, handle_unexpected, on_publish,
    on_puback,         on_pubrec,         on_pubrel,         on_pubcomp,
    on_subscribe,      handle_unexpected, on_unsubscribe,    handle_unexpected,
    on_pingreq,        handle_unexpected, handle_disconnect, handle_auth,
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "log/log.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// The lines of the log about single packets of one client (`log_type debug`). Programs parse them:
/// docs/log-lines.md has the table.
///
/// Made where it is used, behind one look at the log, so that a packet costs nothing more while
/// nobody wants these lines:
///
///     if (PacketLog::wanted(log)) [[unlikely]] PacketLog(log, client_id).received_pubrel(id);
class PacketLog {
 public:
  static bool wanted(const Log& log) noexcept { return log.wants(LogType::debug); }

  /// `client`: its identifier, or its address as long as that is not known.
  PacketLog(Log& log, std::string_view client) : log_(log), client_(client) {}

  /// What lines about a PUBLISH show.
  struct Publish {
    bool dup = false;
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    bool retain = false;
    std::uint16_t packet_id = 0;
    std::string_view topic;
    std::size_t payload_bytes = 0;
  };
  void sending_publish(const Publish& publish) { line("Sending", "to", publish); }
  /// One that the client sent, when it is known what becomes of it.
  void received_publish(const Publish& publish, mqtt::ReasonCode refusal);

  void sending_acknowledgement(mqtt::PacketType type, std::uint16_t packet_id,
                               mqtt::ReasonCode reason);
  void received_puback(std::uint16_t packet_id, mqtt::ReasonCode reason);
  void received_pubrec(std::uint16_t packet_id);
  void received_pubrel(std::uint16_t packet_id);
  void received_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason);

  /// `code` as it is on the wire of the client's version.
  void sending_connack(bool session_present, unsigned code);
  /// Of a CONNECT that was accepted.
  void will(const mqtt::Connect& connect);
  void sending_disconnect(mqtt::ReasonCode reason);
  void received_auth(mqtt::ReasonCode reason, std::string_view method);
  void sending_auth(mqtt::ReasonCode reason, std::string_view method);

  /// Packets of which there is nothing more to say: SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT,
  /// and their answers.
  void received(mqtt::PacketType type);
  void sending(mqtt::PacketType type);

 private:
  void line(std::string_view what, std::string_view direction, const Publish& publish);

  Log& log_;
  std::string_view client_;
};

/// What became of a filter of a SUBSCRIBE: a line of the packet's, and one of the type `subscribe`
/// if it was granted. `reason`: that of the SUBACK.
void log_subscribed(Log& log, std::string_view client, std::string_view filter,
                    mqtt::ReasonCode reason);
/// The same of an UNSUBSCRIBE and the type `unsubscribe`. `reason`: that of the UNSUBACK.
void log_unsubscribed(Log& log, std::string_view client, std::string_view filter,
                      mqtt::ReasonCode reason);

}  // namespace broker

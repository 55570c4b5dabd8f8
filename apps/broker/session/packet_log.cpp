#include "session/packet_log.h"

#include "log/shown_name.h"

namespace broker {
namespace {

using mqtt::PacketType;
using mqtt::ReasonCode;

constexpr unsigned code_of(ReasonCode reason) {
  return static_cast<unsigned>(reason);
}

}  // namespace

void PacketLog::line(std::string_view what, std::string_view direction, const Publish& publish) {
  log_.write(LogType::debug, LogFields{.client = client_},
             "{} PUBLISH {} {} (d{}, q{}, r{}, m{}, '{}', ... ({} bytes))", what, direction,
             ShownName{client_}, publish.dup ? 1 : 0, static_cast<int>(publish.qos),
             publish.retain ? 1 : 0, publish.packet_id, ShownName{publish.topic},
             publish.payload_bytes);
}

void PacketLog::received_publish(const Publish& publish, ReasonCode refusal) {
  if (refusal == ReasonCode::packet_too_large) return line("Dropped too large", "from", publish);
  line(mqtt::is_error(refusal) ? "Denied" : "Received", "from", publish);
}

void PacketLog::sending_acknowledgement(PacketType type, std::uint16_t packet_id,
                                        ReasonCode reason) {
  const bool with_reason = type == PacketType::puback || type == PacketType::pubrec;
  if (with_reason) {
    log_.write(LogType::debug, LogFields{.client = client_}, "Sending {} to {} (m{}, rc{})",
               mqtt::name(type), ShownName{client_}, packet_id, code_of(reason));
  } else {
    log_.write(LogType::debug, LogFields{.client = client_}, "Sending {} to {} (m{})",
               mqtt::name(type), ShownName{client_}, packet_id);
  }
}

void PacketLog::received_puback(std::uint16_t packet_id, ReasonCode reason) {
  log_.write(LogType::debug, LogFields{.client = client_},
             "Received PUBACK from {} (Mid: {}, RC:{})", ShownName{client_}, packet_id,
             code_of(reason));
}

void PacketLog::received_pubrec(std::uint16_t packet_id) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Received PUBREC from {} (Mid: {})",
             ShownName{client_}, packet_id);
}

void PacketLog::received_pubrel(std::uint16_t packet_id) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Received PUBREL from {} (Mid: {})",
             ShownName{client_}, packet_id);
}

void PacketLog::received_pubcomp(std::uint16_t packet_id, ReasonCode reason) {
  log_.write(LogType::debug, LogFields{.client = client_},
             "Received PUBCOMP from {} (Mid: {}, RC:{})", ShownName{client_}, packet_id,
             code_of(reason));
}

void PacketLog::sending_connack(bool session_present, unsigned code) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Sending CONNACK to {} ({}, {})",
             ShownName{client_}, session_present ? 1 : 0, code);
}

void PacketLog::will(const mqtt::Connect& connect) {
  const LogFields fields{.client = client_};
  if (!connect.will) return log_.write(LogType::debug, fields, "No will message specified.");
  const mqtt::Will& will = *connect.will;
  log_.write(LogType::debug, fields, "Will message specified ({} bytes) (r{}, q{}).",
             will.payload.size(), will.retain ? 1 : 0, static_cast<int>(will.qos));
  log_.write(LogType::debug, fields, "\t{}", ShownName{will.topic});
}

void PacketLog::sending_disconnect(ReasonCode reason) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Sending DISCONNECT to {} (rc{})",
             ShownName{client_}, code_of(reason));
}

void PacketLog::received_auth(ReasonCode reason, std::string_view method) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Received AUTH from {} (rc{}, {})",
             ShownName{client_}, code_of(reason), ShownName{method});
}

void PacketLog::sending_auth(ReasonCode reason, std::string_view method) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Sending AUTH to {} (rc{}, {})",
             ShownName{client_}, code_of(reason), ShownName{method});
}

void PacketLog::received(PacketType type) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Received {} from {}", mqtt::name(type),
             ShownName{client_});
}

void PacketLog::sending(PacketType type) {
  log_.write(LogType::debug, LogFields{.client = client_}, "Sending {} to {}", mqtt::name(type),
             ShownName{client_});
}

void log_subscribed(Log& log, std::string_view client, std::string_view filter, ReasonCode reason) {
  const LogFields fields{.client = client};
  if (mqtt::is_error(reason)) {
    return log.write(LogType::debug, fields, "\t{} (denied)", ShownName{filter});
  }
  log.write(LogType::debug, fields, "\t{} (QoS {})", ShownName{filter}, code_of(reason));
  log.write(LogType::subscribe, fields, "{} {} {}", ShownName{client}, code_of(reason),
            ShownName{filter});
}

void log_unsubscribed(Log& log, std::string_view client, std::string_view filter,
                      ReasonCode reason) {
  const LogFields fields{.client = client};
  log.write(LogType::debug, fields, "\t{}", ShownName{filter});
  if (reason == ReasonCode::success) {
    log.write(LogType::unsubscribe, fields, "{} {}", ShownName{client}, ShownName{filter});
  }
}

}  // namespace broker

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "broker/session/rooms.h"

namespace test {

/// A client whose session writes to it line by line, as a domain reader would: `PUBACK 1`,
/// `PUBLISH a/b 3 qos 1`, `PUBLISH a/b 3 qos 1 dup`, `SUBACK 1`, `go on`.
struct ScriptedClient : Client {
  broker::SendResult send_publish(broker::Publication& publication,
                                  const broker::OutgoingPublish& out) override {
    last_id = out.packet_id;
    const broker::MessageView& message = publication.view();
    std::string line =
        fmt::format("PUBLISH {} {}", message.topic.text(), mqtt::as_text(message.payload));
    if (out.packet_id != 0)
      line += fmt::format(" id {} qos {}", out.packet_id, static_cast<int>(out.qos));
    if (out.retain) line += " retained";
    if (out.dup) line += " dup";
    lines.push_back(std::move(line));
    return broker::SendResult::sent;
  }
  void send_acknowledgement(mqtt::PacketType type, std::uint16_t id,
                            mqtt::ReasonCode reason) override {
    std::string line = fmt::format("{} {}", name_of(type), id);
    if (reason != mqtt::ReasonCode::success)
      line += fmt::format(" {:#04x}", static_cast<unsigned>(reason));
    lines.push_back(std::move(line));
  }
  void send(const mqtt::Suback& packet) override {
    lines.push_back(fmt::format("SUBACK {}", packet.packet_id));
  }
  void send(const mqtt::Unsuback& packet) override {
    lines.push_back(fmt::format("UNSUBACK {}", packet.packet_id));
  }
  void continue_input() override {
    ++continued;
    lines.emplace_back("go on");
  }

  using Lines = std::vector<std::string>;
  /// What was written since the last call.
  Lines heard() { return std::exchange(lines, {}); }

  static std::string_view name_of(mqtt::PacketType type) {
    switch (type) {
      case mqtt::PacketType::puback:
        return "PUBACK";
      case mqtt::PacketType::pubrec:
        return "PUBREC";
      case mqtt::PacketType::pubrel:
        return "PUBREL";
      default:
        return "PUBCOMP";
    }
  }

  Lines lines;
};

/// A PUBLISH as a client sends it; the views are the caller's.
inline mqtt::Publish publish_packet(std::string_view topic, std::string_view payload, int qos,
                                    std::uint16_t id, bool retain = false) {
  mqtt::Publish packet;
  packet.topic = topic;
  packet.payload = mqtt::as_bytes(payload);
  packet.qos = static_cast<mqtt::QoS>(qos);
  packet.packet_id = id;
  packet.retain = retain;
  return packet;
}

}  // namespace test

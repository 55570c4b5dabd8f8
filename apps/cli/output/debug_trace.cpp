#include "cli/output/debug_trace.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <variant>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/reason_code.h"

namespace cli {

namespace {

using Direction = mqtt::ClientSession::Direction;

constexpr unsigned number(mqtt::ReasonCode reason) {
  return static_cast<unsigned>(reason);
}

/// The fourth column of the SUBSCRIBE line: the option byte without its QoS; 3.x has none.
unsigned option_bits(const mqtt::SubscriptionOptions& options, mqtt::ProtocolVersion version) {
  if (!mqtt::is_v5(version)) return 0;
  return (options.no_local ? 0x04U : 0U) | (options.retain_as_published ? 0x08U : 0U) |
         static_cast<unsigned>(options.retain_handling) << 4;
}

/// Writes the lines of one packet.
class Writer {
 public:
  Writer(std::string& out, const std::string& client_id, Direction direction,
         mqtt::ProtocolVersion version)
      : out_(out),
        client_id_(client_id.empty() ? std::string_view("null") : std::string_view(client_id)),
        sent_(direction == Direction::sent),
        version_(version) {}

  void operator()(const mqtt::Connect&) { line("CONNECT"); }
  void operator()(const mqtt::Connack& packet) {
    const unsigned code =
        mqtt::is_v5(version_) ? number(packet.reason) : mqtt::connect_return_code(packet.reason);
    line("CONNACK ({})", code);
  }
  void operator()(const mqtt::Publish& packet) {
    line("PUBLISH (d{:d}, q{}, r{:d}, m{}, '{}', ... ({} bytes))", packet.dup,
         static_cast<int>(packet.qos), packet.retain, packet.packet_id, packet.topic,
         packet.payload.size());
  }
  template <mqtt::PacketType type>
  void operator()(const mqtt::Acknowledgement<type>& packet) {
    constexpr bool first_half =
        type == mqtt::PacketType::puback || type == mqtt::PacketType::pubrec;
    if (sent_ && first_half) {
      line("{} (m{}, rc{})", mqtt::name(type), packet.packet_id, number(packet.reason));
    } else if (sent_) {
      line("{} (m{})", mqtt::name(type), packet.packet_id);
    } else if (type == mqtt::PacketType::puback || type == mqtt::PacketType::pubcomp) {
      line("{} (Mid: {}, RC:{})", mqtt::name(type), packet.packet_id, number(packet.reason));
    } else {
      line("{} (Mid: {})", mqtt::name(type), packet.packet_id);
    }
  }
  void operator()(const mqtt::Subscribe& packet) {
    for (const mqtt::SubscriptionRequest& request : packet.subscriptions) {
      line("SUBSCRIBE (Mid: {}, Topic: {}, QoS: {}, Options: 0x{:02x})", packet.packet_id,
           request.filter, static_cast<int>(request.options.qos),
           option_bits(request.options, version_));
    }
  }
  void operator()(const mqtt::Suback& packet) {
    line("SUBACK");
    append("Subscribed (mid: {}): ", packet.packet_id);
    std::string_view comma;
    for (const mqtt::ReasonCode reason : packet.reasons) {
      append("{}{}", comma, number(reason));
      comma = ", ";
    }
    out_ += '\n';
  }
  void operator()(const mqtt::Unsubscribe& packet) {
    for (const std::string_view filter : packet.filters) {
      line("UNSUBSCRIBE (Mid: {}, Topic: {})", packet.packet_id, filter);
    }
  }
  void operator()(const mqtt::Unsuback&) { line("UNSUBACK"); }
  void operator()(const mqtt::Pingreq&) { line("PINGREQ"); }
  void operator()(const mqtt::Pingresp&) { line("PINGRESP"); }
  void operator()(const mqtt::Disconnect& packet) {
    if (sent_) {
      line("DISCONNECT");
    } else {
      append("Received DISCONNECT ({})\n", number(packet.reason));
    }
  }
  void operator()(const mqtt::Auth& packet) { line("AUTH ({})", number(packet.reason)); }

 private:
  template <typename... Values>
  void append(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
  }
  template <typename... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    append("Client {} {} ", client_id_, sent_ ? "sending" : "received");
    append(format, std::forward<Values>(values)...);
    out_ += '\n';
  }

  std::string& out_;
  std::string_view client_id_;
  bool sent_;
  mqtt::ProtocolVersion version_;
};

}  // namespace

void append_debug_lines(std::string& out, const std::string& client_id, Direction direction,
                        const mqtt::Frame& frame, mqtt::ProtocolVersion version) {
  const auto packet = mqtt::decode(frame, version);
  if (!packet) return;  // the session reports what is malformed
  std::visit(Writer(out, client_id, direction, version), *packet);
}

}  // namespace cli

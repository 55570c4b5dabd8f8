// What it costs to read a packet out of bytes (frame and decode) and to write it (size and encode).

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "measure.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"

namespace {

using mqtt::ProtocolVersion;

constexpr std::size_t largest_packet = 1024 * 1024;

mqtt::Publish publish(mqtt::QoS qos, std::string_view payload, mqtt::Properties properties = {}) {
  mqtt::Publish packet;
  packet.qos = qos;
  packet.topic = "site/17/machine/4/temperature";
  packet.packet_id = qos == mqtt::QoS::at_most_once ? 0 : 1234;
  packet.properties = properties;
  packet.payload = mqtt::as_bytes(payload);
  return packet;
}

mqtt::Subscribe subscribe(std::size_t filters) {
  mqtt::Subscribe packet;
  packet.packet_id = 1;
  packet.subscriptions.assign(filters, {"site/+/machine/#", {}});
  return packet;
}

/// The path that a packet takes in the broker: PUBLISH has a decoder that allocates nothing.
template <class Packet>
bool decodes(const mqtt::Frame& frame, ProtocolVersion version) {
  if constexpr (std::is_same_v<Packet, mqtt::Publish>) {
    const auto packet = mqtt::decode_publish(frame, version);
    bench::keep(packet);
    return packet.has_value();
  } else {
    const auto packet = mqtt::decode(frame, version);
    bench::keep(packet);
    return packet.has_value();
  }
}

template <class Packet>
void measure(std::string_view name, const Packet& packet, ProtocolVersion version) {
  const std::vector<std::uint8_t> bytes = mqtt::encoded(packet, version);
  std::vector<std::uint8_t> out(bytes.size());

  const auto read = [&] {
    const auto result = mqtt::read_frame(bytes, largest_packet);
    return result.status == mqtt::FrameStatus::frame && decodes<Packet>(result.frame, version);
  };
  const auto write = [&] {
    bench::keep(mqtt::encoded_size(packet, version));
    bench::keep(mqtt::encode(packet, version, out.data()));
  };
  if (!read()) {
    fmt::print(stderr, "{}: the packet does not decode\n", name);
    std::exit(1);
  }
  fmt::print("{:<40} {:>7} {:>10.1f} {:>10.1f}\n", name, bytes.size(),
             bench::nanoseconds_per_call(read), bench::nanoseconds_per_call(write));
}

}  // namespace

int main() {
  const std::string small(64, 'x');
  const std::string large(64 * 1024, 'x');
  mqtt::PropertyList properties;
  properties.add(mqtt::PropertyId::message_expiry_interval, 3600)
      .add(mqtt::PropertyId::content_type, "application/json")
      .add_user_property("origin", "gateway-12");

  fmt::print("{:<40} {:>7} {:>10} {:>10}\n", "packet", "bytes", "read, ns", "write, ns");
  const auto v311 = ProtocolVersion::v311;
  const auto v5 = ProtocolVersion::v5;
  measure("PUBLISH QoS 0, 3.1.1", publish(mqtt::QoS::at_most_once, small), v311);
  measure("PUBLISH QoS 0, 5.0", publish(mqtt::QoS::at_most_once, small), v5);
  measure("PUBLISH QoS 1, 5.0, three properties",
          publish(mqtt::QoS::at_least_once, small, properties), v5);
  measure("PUBLISH QoS 0, 5.0, 64 KiB", publish(mqtt::QoS::at_most_once, large), v5);
  measure("PUBACK, 5.0", mqtt::Puback{.packet_id = 1234, .properties = {}}, v5);
  measure("SUBSCRIBE, 5.0, one filter", subscribe(1), v5);
  measure("SUBSCRIBE, 5.0, 100 filters", subscribe(100), v5);
  measure("PINGREQ", mqtt::Pingreq{}, v5);
}

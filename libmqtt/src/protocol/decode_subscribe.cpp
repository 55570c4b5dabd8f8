// SUBSCRIBE and UNSUBSCRIBE: MQTT 5.0 sections 3.8 and 3.10.
#include "decode_parts.h"
#include "mqtt/protocol/topic.h"

namespace mqtt {
namespace {

using Checked = tl::expected<void, Malformed>;

/// Fixed header, packet identifier and properties: the same in both packets.
template <class Request>
Checked read_header(const Frame& frame, ProtocolVersion version, PropertyPlace place,
                    WireReader& in, Request& packet) {
  if (is_v5(version) && frame.body.size() > max_request_size) return too_large_for_its_kind();
  // [MQTT-3.8.1-1] [MQTT-3.10.1-1]
  if (!has_right_flags(frame, version, flags_of_requests)) return wrong_flags();
  packet.packet_id = in.two_byte_integer();
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (packet.packet_id == 0) return malformed_packet("packet identifier is 0");  // [MQTT-2.2.1-3]
  if (!is_v5(version)) return {};
  const auto properties = read_properties(in, place);
  if (!properties) return tl::unexpected(properties.error());
  packet.properties = properties->properties;
  return {};
}

/// MQTT 3.1 does not forbid a request for nothing.
bool may_be_empty(ProtocolVersion version) {
  return version == ProtocolVersion::v31;
}

tl::expected<TopicFilter, Malformed> read_filter(WireReader& in) {
  const std::string_view text = in.text();
  if (!in.ok()) return malformed_packet("topic filter is cut off");
  FilterError error{};
  const auto filter = TopicFilter::parse(text, &error);  // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
  if (filter) return *filter;
  if (error == FilterError::share_syntax) return protocol_error("$share without a topic filter");
  return malformed_packet("topic filter is not valid");
}

/// The byte behind a topic filter, MQTT 5.0 section 3.8.3.1; 3.x knows its lowest two bits only.
tl::expected<SubscriptionOptions, Malformed> read_options(WireReader& in, ProtocolVersion version) {
  const unsigned byte = in.byte();
  if (!in.ok()) return malformed_packet("subscription options are cut off");
  const unsigned reserved = is_v5(version) ? 0xC0 : 0xFC;
  // [MQTT-3.8.3-5]
  if ((byte & reserved) != 0) return malformed_packet("reserved subscription options are set");
  const unsigned qos = byte & 0x03U;
  const unsigned retain_handling = byte >> 4 & 0x03U;
  if (qos == 3) return malformed_packet("QoS is 3");
  if (retain_handling == 3) return malformed_packet("Retain Handling is 3");
  return SubscriptionOptions{static_cast<QoS>(qos), (byte & 0x04U) != 0, (byte & 0x08U) != 0,
                             static_cast<RetainHandling>(retain_handling)};
}

Checked read_subscriptions(WireReader& in, ProtocolVersion version, Subscribe& packet) {
  while (!in.at_end()) {
    const auto filter = read_filter(in);
    if (!filter) return tl::unexpected(filter.error());
    const auto options = read_options(in, version);
    if (!options) return tl::unexpected(options.error());
    if (options->no_local && filter->is_shared()) {
      return protocol_error("No Local on a shared subscription");  // [MQTT-3.8.3-4]
    }
    packet.subscriptions.push_back({filter->text(), *options});
  }
  if (packet.subscriptions.empty() && !may_be_empty(version)) {
    return malformed_packet("no topic filter");  // [MQTT-3.8.3-2]
  }
  return {};
}

Checked read_filters(WireReader& in, ProtocolVersion version, Unsubscribe& packet) {
  while (!in.at_end()) {
    const auto filter = read_filter(in);
    if (!filter) return tl::unexpected(filter.error());
    packet.filters.push_back(filter->text());
  }
  if (packet.filters.empty() && !may_be_empty(version)) {
    return malformed_packet("no topic filter");  // [MQTT-3.10.3-2]
  }
  return {};
}

}  // namespace

Decoded<Subscribe> decode_subscribe(const Frame& frame, ProtocolVersion version) {
  WireReader in(frame.body);
  Subscribe packet;
  const Checked checked =
      read_header(frame, version, PropertyPlace::subscribe, in, packet).and_then([&] {
        return read_subscriptions(in, version, packet);
      });
  if (!checked) return tl::unexpected(checked.error());
  return packet;
}

Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, ProtocolVersion version) {
  WireReader in(frame.body);
  Unsubscribe packet;
  const Checked checked =
      read_header(frame, version, PropertyPlace::unsubscribe, in, packet).and_then([&] {
        return read_filters(in, version, packet);
      });
  if (!checked) return tl::unexpected(checked.error());
  return packet;
}

}  // namespace mqtt

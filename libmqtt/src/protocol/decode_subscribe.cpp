// SUBSCRIBE and UNSUBSCRIBE: MQTT 5.0 sections 3.8 and 3.10.
#include "decode_parts.h"
#include "mqtt/protocol/filter_reader.h"
#include "mqtt/protocol/topic.h"

namespace mqtt {
namespace {

/// MQTT 3.1 does not forbid a request for nothing.
bool may_be_empty(ProtocolVersion version) {
  return version == ProtocolVersion::v31;
}

/// Fixed header, packet identifier and properties: the same in both packets.
Decoded<UnreadFilters> read_header(const Frame& frame, ProtocolVersion version,
                                   PropertyContext context) {
  if (is_v5(version) && frame.body.size() > max_request_size) return too_large_for_its_kind();
  // [MQTT-3.8.1-1] [MQTT-3.10.1-1]
  if (!has_right_flags(frame, version, flags_of_requests)) return wrong_flags();
  WireReader in(frame.body);
  UnreadFilters packet;
  packet.packet_id = in.two_byte_integer();
  if (!in.ok()) return malformed_packet("packet ends within its variable header");
  if (packet.packet_id == 0) return malformed_packet("packet identifier is 0");  // [MQTT-2.2.1-3]
  if (is_v5(version)) {
    const auto properties = read_properties(in, context);
    if (!properties) return tl::unexpected(properties.error());
    packet.properties = properties->properties;
  }
  if (in.at_end() && !may_be_empty(version)) {
    return malformed_packet("no topic filter");  // [MQTT-3.8.3-2] [MQTT-3.10.3-2]
  }
  packet.payload = in.rest();
  return packet;
}

tl::expected<TopicFilter, Malformed> read_filter(WireReader& in) {
  const std::string_view text = in.text();
  if (!in.ok()) return malformed_packet("topic filter is cut off");
  FilterError error{};
  const auto filter = TopicFilter::parse(text, &error);  // [MQTT-3.8.3-1] [MQTT-3.10.3-1]
  if (filter) return *filter;
  if (error == FilterError::share_syntax)
    return protocol_error("$share without a share name or topic filter");
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

/// Calls `visit` for each filter of the packet.
template <class Visitor>
tl::expected<void, Malformed> read_all(FilterReader in, Visitor visit) {
  while (!in.at_end()) {
    const auto entry = in.next();
    if (!entry) return tl::unexpected(entry.error());
    visit(*entry);
  }
  return {};
}

}  // namespace

tl::expected<FilterReader::Entry, Malformed> FilterReader::next() {
  WireReader in(rest_);
  const auto filter = read_filter(in);
  if (!filter) return tl::unexpected(filter.error());
  Entry entry{*filter, {}};
  if (packet_ == Of::subscribe) {
    const auto options = read_options(in, version_);
    if (!options) return tl::unexpected(options.error());
    if (options->no_local && filter->is_shared()) {
      return protocol_error("No Local on a shared subscription");  // [MQTT-3.8.3-4]
    }
    entry.options = *options;
  }
  rest_ = in.rest();
  return entry;
}

Decoded<UnreadFilters> decode_subscribe_header(const Frame& frame, ProtocolVersion version) {
  return read_header(frame, version, PropertyContext::subscribe);
}

Decoded<UnreadFilters> decode_unsubscribe_header(const Frame& frame, ProtocolVersion version) {
  return read_header(frame, version, PropertyContext::unsubscribe);
}

Decoded<Subscribe> decode_subscribe(const Frame& frame, ProtocolVersion version) {
  const auto header = decode_subscribe_header(frame, version);
  if (!header) return tl::unexpected(header.error());
  Subscribe packet{header->packet_id, header->properties, {}};
  const auto read = read_all(FilterReader(header->payload, version, FilterReader::Of::subscribe),
                             [&packet](const FilterReader::Entry& entry) {
                               packet.subscriptions.push_back({entry.filter.text(), entry.options});
                             });
  if (!read) return tl::unexpected(read.error());
  return packet;
}

Decoded<Unsubscribe> decode_unsubscribe(const Frame& frame, ProtocolVersion version) {
  const auto header = decode_unsubscribe_header(frame, version);
  if (!header) return tl::unexpected(header.error());
  Unsubscribe packet{header->packet_id, header->properties, {}};
  const auto read = read_all(FilterReader(header->payload, version, FilterReader::Of::unsubscribe),
                             [&packet](const FilterReader::Entry& entry) {
                               packet.filters.push_back(entry.filter.text());
                             });
  if (!read) return tl::unexpected(read.error());
  return packet;
}

}  // namespace mqtt

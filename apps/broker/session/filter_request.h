#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "access/authoriser.h"
#include "mqtt/protocol/filter_reader.h"
#include "mqtt/protocol/property.h"
#include "mqtt/protocol/reason_code.h"

namespace broker {

/// A SUBSCRIBE or UNSUBSCRIBE that is being worked through. First all of it is read and checked, so
/// that a packet that turns out to be malformed has changed nothing; then filter after filter is
/// put into effect, in order; then one answer is sent.
///
/// Holds a copy of the packet and a byte of answer for each filter, nothing else that grows: the
/// memory for it is bounded by max_packet_size and a third of it.
class FilterRequest {
 public:
  using Entry = mqtt::FilterReader::Entry;

  FilterRequest(const mqtt::UnreadFilters& packet, mqtt::ProtocolVersion version, Access access)
      : access_(access),
        packet_id_(packet.packet_id),
        version_(version),
        identifier_(
            packet.properties.number(mqtt::PropertyId::subscription_identifier).value_or(0)),
        payload_(packet.payload.begin(), packet.payload.end()),
        reader_(from_the_beginning()) {}
  FilterRequest(const FilterRequest&) = delete;
  FilterRequest& operator=(const FilterRequest&) = delete;

  Access access() const { return access_; }  ///< subscribe or unsubscribe
  bool subscribes() const { return access_ == Access::subscribe; }
  std::uint16_t packet_id() const { return packet_id_; }
  std::uint32_t identifier() const { return identifier_; }  ///< 0: none

  /// Reads the next filter. Requires that there is one.
  tl::expected<Entry, mqtt::Malformed> read() {
    if (!checked_) ++count_;
    return reader_.next();
  }
  /// All have been read.
  bool at_end() const { return reader_.at_end(); }

  /// Whether all filters have been read once and are valid.
  bool checked() const { return checked_; }
  /// They are: reading begins anew, and does not fail from here on.
  void begin_to_apply() {
    checked_ = true;
    reasons.reserve(count_);
    reader_ = from_the_beginning();
  }

  std::vector<mqtt::ReasonCode> reasons;  ///< of the filters that are done
  std::optional<Entry> current;           ///< the one at hand, read and not yet in `reasons`
  Verdict verdict = Verdict::allow;       ///< on `current`

 private:
  mqtt::FilterReader from_the_beginning() const {
    return {payload_, version_,
            subscribes() ? mqtt::FilterReader::Of::subscribe : mqtt::FilterReader::Of::unsubscribe};
  }

  Access access_;
  bool checked_ = false;
  std::size_t count_ = 0;
  std::uint16_t packet_id_;
  mqtt::ProtocolVersion version_;
  std::uint32_t identifier_;
  std::vector<std::uint8_t> payload_;
  mqtt::FilterReader reader_;
};

}  // namespace broker

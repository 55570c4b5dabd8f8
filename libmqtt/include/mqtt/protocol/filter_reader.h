#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/topic.h"
#include "mqtt/protocol/version.h"

namespace mqtt {

/// Reads the topic filters of a SUBSCRIBE or UNSUBSCRIBE from its payload, one at a time. A packet
/// may contain hundreds of thousands; they can be processed in parts without a list.
///
/// Borrows the payload, allocates nothing. Must not be used after an error.
class FilterReader {
 public:
  enum class Of : std::uint8_t { subscribe, unsubscribe };

  FilterReader(ByteView payload, ProtocolVersion version, Of packet)
      : rest_(payload), version_(version), packet_(packet) {}

  struct Entry {
    TopicFilter filter;
    SubscriptionOptions options;  ///< as made, for an UNSUBSCRIBE
  };
  bool at_end() const { return rest_.empty(); }
  /// Requires `!at_end()`. The filter is a view into the payload.
  tl::expected<Entry, Malformed> next();

 private:
  ByteView rest_;
  ProtocolVersion version_;
  Of packet_;
};

/// A SUBSCRIBE or UNSUBSCRIBE whose filters have not been read yet, and may be malformed.
struct UnreadFilters {
  std::uint16_t packet_id = 0;
  Properties properties;
  ByteView payload;  ///< not empty, unless the version is 3.1
};

}  // namespace mqtt

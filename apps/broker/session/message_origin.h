#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace broker {

/// As whom a message was published: what is needed to ask again, later, whether it may be. Views; a
/// message carries it as bytes (MessageView::origin).
struct MessageOrigin {
  std::string_view client_id;
  std::string_view user_name;  ///< empty: none
  /// As a `listener` line names it: what stands at an index changes with a reload.
  std::string_view listener;

  /// Into `bytes`, in place of what they were.
  void write_to(std::vector<std::uint8_t>& bytes) const;
  /// From bytes that `write_to` made, which have to stay.
  static MessageOrigin read(mqtt::ByteView bytes);
};

}  // namespace broker

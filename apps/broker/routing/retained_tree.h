#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "message.h"
#include "mqtt/protocol/topic.h"

namespace broker {

/// The retained message of every topic that has one, ordered so that a replay can go on where it
/// stopped. Shared by all workers; guards itself (many readers or one writer).
class RetainedTree {
 public:
  RetainedTree();
  ~RetainedTree();

  /// Keeps `message` as its topic's retained message, in place of the old one [MQTT-3.3.1-5]; one
  /// with an empty payload removes it [MQTT-3.3.1-6] [MQTT-3.3.1-7].
  void store(const MessagePtr& message);

  /// Where a replay stands: the last topic it was given. Stays meaningful whatever is stored or
  /// removed meanwhile.
  struct Cursor {
    std::string last_topic;
    bool begun = false;
    bool done = false;
  };

  /// Appends to `out` up to `limit` messages that match `filter` (no `$share`), unexpired at `now`,
  /// that come after the cursor, and moves it. `cursor.done` when there are no more.
  void collect(std::string_view filter, Cursor& cursor, std::size_t limit, Millis now,
               std::vector<MessagePtr>& out) const;

  /// Removes what has expired; returns how many.
  std::size_t purge_expired(Millis now);

  std::size_t count() const;
  std::size_t payload_bytes() const;
};

}  // namespace broker

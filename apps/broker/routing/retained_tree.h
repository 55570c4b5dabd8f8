#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "message/message.h"
#include "mqtt/protocol/topic.h"
#include "routing/hash_index.h"
#include "routing/text_hash.h"

namespace broker {

/// The retained message of every topic that has one, ordered so that a replay can go on where it
/// stopped. Shared by all workers; guards itself (many readers or one writer).
///
/// Topics stand in the order of their bytes: what is below a level stands side by side. An index by
/// hash makes `store` and filters without wildcards independent of the number of topics. About 100
/// bytes for each topic beside its message.
class RetainedTree {
 public:
  RetainedTree() = default;
  RetainedTree(const RetainedTree&) = delete;
  RetainedTree& operator=(const RetainedTree&) = delete;

  /// Keeps `message` as its topic's retained message, in place of the old one [MQTT-3.3.1-5]; one
  /// with an empty payload removes it [MQTT-3.3.1-6] [MQTT-3.3.1-7].
  void store(const MessagePtr& message);

  /// How many messages were stored so far: the number of the newest one.
  std::uint64_t newest() const;

  /// Where a replay stands: the last topic it looked at. Stays meaningful whatever is stored or
  /// removed meanwhile.
  struct Cursor {
    std::string last_topic;
    bool begun = false;
    bool done = false;
    /// Messages that were stored later do not belong to the replay.
    std::uint64_t newest = UINT64_MAX;
    /// Bytes of the filter that are a client's mount point: what begins with '$' behind it is not
    /// for a filter whose first wildcard stands there. [MQTT-4.7.2-1]
    std::uint16_t mount_point_size = 0;
  };

  /// Appends to `out` up to `limit` messages that match `filter` (valid, without `$share`),
  /// unexpired at `now`, not newer than `cursor.newest`, that come after the cursor, and moves it.
  /// `cursor.done` when there are no more.
  ///
  /// Also ends, with fewer messages or none, when it has looked at `looks` topics (`longest_look`
  /// at most), so that no filter holds the lock or the caller's loop for long: go on until
  /// `cursor.done`. Returns how many topics it has looked at.
  std::size_t collect(std::string_view filter, Cursor& cursor, std::size_t limit, Millis now,
                      std::vector<MessagePtr>& out, std::size_t looks = longest_look) const;
  static constexpr std::size_t longest_look = 1024;

  /// Whether exactly this topic has a message, expired or not.
  bool contains(std::string_view topic) const;

  /// Removes what has expired, the earliest first, at most `limit`; returns how many. Costs nothing
  /// for what has not expired.
  std::size_t purge_expired(Millis now, std::size_t limit = 4096);

  std::size_t count() const;
  std::size_t payload_bytes() const;

 private:
  /// What the set holds: its key, the topic, stands in the message and stays when it is replaced.
  struct Retained {
    mutable MessagePtr message;
    mutable std::uint64_t number = 0;
    std::string_view topic() const { return message->topic().text(); }
  };
  struct ByTopic {
    using is_transparent = void;
    bool operator()(const Retained& a, const Retained& b) const { return a.topic() < b.topic(); }
    bool operator()(const Retained& a, std::string_view b) const { return a.topic() < b; }
    bool operator()(std::string_view a, const Retained& b) const { return a < b.topic(); }
  };
  using Topics = std::set<Retained, ByTopic>;
  using Place = Topics::const_iterator;

  static bool belongs(const Retained& retained, const Cursor& cursor, Millis now);
  const Place* find(std::uint64_t hash, std::string_view topic) const;
  void enter(Place place, const MessagePtr& message);
  MessagePtr leave(Place place);
  MessagePtr remove(std::uint64_t hash, Place place);
  std::size_t collect_run(std::string_view filter, Cursor& cursor, std::size_t limit, Millis now,
                          std::vector<MessagePtr>& out, std::size_t looks) const;
  Place go_to(Place place, std::string_view target) const;

  TextHash hash_;
  mutable std::shared_mutex mutex_;  ///< guards all that follows
  Topics topics_;
  HashIndex<Place> index_;
  /// Those that expire, by their time.
  std::set<std::pair<Millis, const Message*>> expiring_;
  std::size_t payload_bytes_ = 0;
  std::uint64_t newest_ = 0;
};

}  // namespace broker

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

/// The retained messages by topic, ordered so that a replay can continue where it stopped. Shared
/// by all workers; thread-safe (many readers or one writer).
///
/// Topics are in byte order, so everything below a level is adjacent. An index by hash makes
/// `store` and filters without wildcards independent of the number of topics. Uses about 100 bytes
/// per topic in addition to its message.
class RetainedTree {
 public:
  RetainedTree() = default;
  RetainedTree(const RetainedTree&) = delete;
  RetainedTree& operator=(const RetainedTree&) = delete;

  /// Stores `message` as its topic's retained message, replacing the old one [MQTT-3.3.1-5]. An
  /// empty payload removes it [MQTT-3.3.1-6] [MQTT-3.3.1-7].
  void store(const MessagePtr& message);

  /// How many messages were stored so far: the number of the newest one.
  std::uint64_t newest() const;

  /// The position of a replay: the last topic it looked at. Stays valid whatever is stored or
  /// removed meanwhile.
  struct Cursor {
    std::string last_topic;
    bool begun = false;
    bool done = false;
    /// Messages with a higher number do not belong to the replay.
    std::uint64_t newest = UINT64_MAX;
    /// The length of the client's mount point in the filter. If the filter begins with a wildcard
    /// after it, topics that have a '$' there do not match. [MQTT-4.7.2-1]
    std::uint16_t mount_point_size = 0;
  };

  /// Appends to `out` up to `limit` messages that match `filter` (valid, without `$share`),
  /// unexpired at `now`, not newer than `cursor.newest`, after the cursor, and advances it. Sets
  /// `cursor.done` when there are no more.
  ///
  /// Also returns, with fewer messages or none, after looking at `looks` topics (at most
  /// `longest_look`), so that no filter holds the lock or the caller's loop for long. Call it
  /// until `cursor.done`. Returns how many topics it has looked at.
  std::size_t collect(std::string_view filter, Cursor& cursor, std::size_t limit, Millis now,
                      std::vector<MessagePtr>& out, std::size_t looks = longest_look) const;
  static constexpr std::size_t longest_look = 1024;

  /// Whether exactly this topic has a message, expired or not.
  bool contains(std::string_view topic) const;

  /// Removes expired messages, earliest first, at most `limit`; returns how many. Messages that
  /// have not expired cost nothing.
  std::size_t purge_expired(Millis now, std::size_t limit = 4096);

  std::size_t count() const;
  std::size_t payload_bytes() const;

 private:
  /// An element of the set. Its key, the topic, is in the message and stays when it is replaced.
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
  using Position = Topics::const_iterator;

  static bool belongs(const Retained& retained, const Cursor& cursor, Millis now);
  const Position* find(std::uint64_t hash, std::string_view topic) const;
  void enter(Position position, const MessagePtr& message);
  MessagePtr leave(Position position);
  MessagePtr remove(std::uint64_t hash, Position position);
  std::size_t collect_run(std::string_view filter, Cursor& cursor, std::size_t limit, Millis now,
                          std::vector<MessagePtr>& out, std::size_t looks) const;
  Position go_to(Position position, std::string_view target) const;

  TextHash hash_;
  mutable std::shared_mutex mutex_;  ///< guards everything below
  Topics topics_;
  HashIndex<Position> index_;
  /// Messages that expire, by time.
  std::set<std::pair<Millis, const Message*>> expiring_;
  std::size_t payload_bytes_ = 0;
  std::uint64_t newest_ = 0;
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/message.h"
#include "mqtt/protocol/qos.h"
#include "routing/hash_index.h"
#include "routing/retained_tree.h"
#include "runtime/sliced_work.h"

namespace broker {

/// The retained messages that the subscriptions of one session have yet to receive: for each
/// subscription at most one replay, in the order in which they were asked for.
///
/// A replay is a cursor, not a queue: a filter that matches a million topics costs no more than one
/// that matches none. What is stored after the SUBSCRIBE comes to the subscription as any message,
/// and not a second time here.
///
/// Belongs to a session. Pure but for the tree that it reads: sends nothing, knows no client.
///
/// Always true: there are no more replays than subscriptions of the session, whatever a client
/// sends, and only the oldest one has read anything. One that waits costs about 150 bytes and its
/// filter.
class RetainedReplays {
 public:
  struct Replay {
    std::string filter;
    /// Bytes of it that are the client's mount point.
    std::uint16_t mount_point_size = 0;
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    std::uint32_t subscription_identifier = 0;
    /// What was stored later does not belong to the replay (see RetainedTree::newest).
    std::uint64_t newest = UINT64_MAX;
  };

  /// The subscription is there, and is to receive what is retained: from the beginning, behind the
  /// others. Replaces a replay of the same filter that has not come to its end.
  /// [MQTT-3.8.4-4]
  void begin(Replay replay);
  /// The subscription is gone. False if nothing waited for it.
  bool cancel(std::string_view filter);

  /// What begins from here on waits for `release`: a SUBSCRIBE is answered before it shows effect.
  /// Does nothing while it is so already.
  void hold();
  void release() { holding_ = false; }

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  /// The one whose turn it is; nullptr if there is none, or all are held.
  const Replay* front() const;

  enum class Outcome : std::uint8_t {
    message,  ///< `message` is the next one of the front replay
    over,     ///< the front replay had no more, and is gone
    stopped,  ///< by the end of `steps`; the search goes on with the next call
  };
  struct Next {
    Outcome outcome = Outcome::over;
    MessagePtr message;
  };
  /// Requires `front()`. Reads up to `batch` messages at a time, for no more than `steps`, and
  /// takes off what it took. A message that is handed out counts as received.
  Next next(const RetainedTree& retained, std::size_t batch, Millis now, Steps& steps);
  /// A replay and how far it has come.
  struct Waiting {
    Replay replay;
    std::optional<std::string> after;  ///< the last topic that it looked at; none: not begun
  };
  /// All of them, as a value: between turns, while none is held.
  std::vector<Waiting> state() const;
  /// Into one that is empty.
  void restore(std::vector<Waiting> state);

  /// Forgets what is read and not handed out: by the time that the client has room it may have been
  /// replaced. To be called before the turn ends.
  void give_back();

 private:
  struct Asked {
    Replay replay;
    std::uint32_t request = 0;  ///< with which `hold` it began
  };
  using Order = std::list<Asked>;
  using Index = HashIndex<Order::iterator>;

  void remove(Order::iterator entry, std::uint64_t hash);
  void start_front();

  Order waiting_;  ///< the oldest first; those that are held stand at the end
  Index by_filter_;
  std::uint32_t request_ = 0;
  bool holding_ = false;

  // Of the front replay.
  bool started_ = false;
  RetainedTree::Cursor cursor_;
  std::vector<MessagePtr> batch_;
  std::size_t handed_out_ = 0;  ///< of `batch_`
};

}  // namespace broker

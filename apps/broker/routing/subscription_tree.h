#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "mqtt/protocol/topic.h"
#include "routing/match.h"

namespace broker {

/// Topic filters of all sessions on all workers, and the question that a publisher asks: which of
/// them match this topic name?
///
/// Shared by all workers, guarded by the broker's TurnLock: `match` under its read side, changes
/// under its write side. `generation` alone may be read without it.
///
/// Cost of `match`: the levels of the topic times the wildcards on the way, never the size of the
/// tree. Memory: nodes exist only where filters pass.
class SubscriptionTree {
 public:
  SubscriptionTree();
  ~SubscriptionTree();

  /// Adds the subscription, or replaces what `receiver.session` has for this filter (for a shared
  /// filter: its membership in that group, which keeps its place). True if it is new.
  /// [MQTT-3.8.4-3]
  bool subscribe(mqtt::TopicFilter filter, const Receiver& receiver);
  /// True if there was one.
  bool unsubscribe(mqtt::TopicFilter filter, const SessionId& session);

  /// All subscriptions whose filter matches `topic`. Filters that begin with a wildcard do not match
  /// topics that begin with '$' [MQTT-4.7.2-1].
  MatchPtr match(mqtt::TopicName topic) const;

  /// Changes with every change of the tree: an answer of `match` holds while this stays the same.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  std::size_t subscription_count() const;         ///< plain ones
  std::size_t shared_subscription_count() const;  ///< members of groups

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::atomic<std::uint64_t> generation_{1};
  std::size_t subscriptions_ = 0;
  std::size_t shared_subscriptions_ = 0;
};

}  // namespace broker

#pragma once

#include "routing/match_cache.h"
#include "routing/subscription_tree.h"
#include "runtime/turn_lock.h"

namespace broker {

/// The question "who receives messages on this topic?", asked by one worker: from its own memory
/// while that is good, otherwise from the shared tree. Belongs to the worker.
class Router {
 public:
  Router(SubscriptionTree& subscriptions, TurnAccess& shared_trees)
      : subscriptions_(subscriptions), shared_trees_(shared_trees) {}

  /// Good until the next call.
  const Match& match(mqtt::TopicName topic);

 private:
  SubscriptionTree& subscriptions_;
  TurnAccess& shared_trees_;
  MatchCache cache_;
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <memory>

#include "routing/match_cache.h"
#include "routing/subscription_tree.h"
#include "runtime/turn_lock.h"
#include "runtime/worker.h"

namespace broker {

/// Finds the receivers of a topic for one worker: in its cache if the entry is valid, otherwise in
/// the shared tree. Belongs to the worker.
class Router {
 public:
  using Search = SubscriptionTree::Search;

  Router(SubscriptionTree& subscriptions, TurnAccess& shared_trees, Worker& worker)
      : subscriptions_(subscriptions), shared_trees_(shared_trees), worker_(worker) {}

  /// nullptr: it takes more work than one message may cause in one step; use `search`. The pointer
  /// is valid until the next call.
  const MatchPtr* match(mqtt::TopicName topic);

  std::unique_ptr<Search> search(mqtt::TopicName topic);
  /// A step of the search. nullptr: not finished, or other searches go first.
  const MatchPtr* go_on(Search& search);

 private:
  /// Nodes of the tree visited for one message in one step. Two are a unit of work.
  static constexpr std::size_t nodes_at_a_time = 4096;
  static constexpr std::size_t nodes_per_unit = 2;

  SubscriptionTree& subscriptions_;
  TurnAccess& shared_trees_;
  Worker& worker_;
  MatchCache cache_;
};

}  // namespace broker

#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "message/message.h"
#include "routing/subscription_tree.h"
#include "runtime/sliced_work.h"
#include "runtime/turn_lock.h"
#include "session/subscription_set.h"

namespace broker {

/// Takes the subscriptions of sessions that are over out of the tree: as many at once as the turn
/// allows, the rest in slices, since publishers of all workers wait while the tree changes. One per
/// worker.
///
/// Until a subscription is gone messages are still matched with it. Its session is not found any
/// more, so such a delivery is counted as dropped with the reason that the session has ended, and
/// the turn of a share group passes to the next member.
class EndedSubscriptions {
 public:
  EndedSubscriptions(SlicedWork& work, TurnAccess& shared_trees, SubscriptionTree& tree)
      : work_(work), shared_trees_(shared_trees), tree_(tree) {}

  /// `session` is over, or about to be.
  void add(const SessionId& session, std::unique_ptr<SubscriptionSet> subscriptions);

  /// Subscriptions that are still in the tree.
  std::size_t size() const { return size_; }

 private:
  struct Ended {
    SessionId session;
    std::unique_ptr<SubscriptionSet> subscriptions;
  };
  bool remove_some(Steps& left);
  void remove_from_front(Steps& left);

  SlicedWork& work_;
  TurnAccess& shared_trees_;
  SubscriptionTree& tree_;
  std::deque<Ended> ended_;
  std::size_t size_ = 0;
};

}  // namespace broker

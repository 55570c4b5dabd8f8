#include "session/ended_subscriptions.h"

#include <utility>

namespace broker {

void EndedSubscriptions::add(const SessionId& session,
                             std::unique_ptr<SubscriptionSet> subscriptions) {
  if (subscriptions->empty()) return;
  const bool under_way = !ended_.empty();
  size_ += subscriptions->size();
  ended_.push_back({session, std::move(subscriptions)});
  if (under_way || remove_some(work_.left())) return;
  work_.later(SlicedWork::Kind::freeing, [this](Steps& left) { return remove_some(left); });
}

/// True if nothing is left.
bool EndedSubscriptions::remove_some(Steps& left) {
  if (left != 0 && !ended_.empty()) {
    shared_trees_.write([&] {
      while (left != 0 && !ended_.empty()) remove_from_front(left);
    });
  }
  return ended_.empty();
}

void EndedSubscriptions::remove_from_front(Steps& left) {
  auto& [session, subscriptions] = ended_.front();
  while (left != 0 && !subscriptions->empty()) {
    const auto first = subscriptions->begin();
    spend(left, cost_of_change(first->first));
    if (const auto filter = mqtt::TopicFilter::parse(first->first))
      tree_.unsubscribe(*filter, session);
    subscriptions->erase(first);
    --size_;
  }
  if (subscriptions->empty()) ended_.pop_front();
}

}  // namespace broker

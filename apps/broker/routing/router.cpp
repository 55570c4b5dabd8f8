#include "routing/router.h"

namespace broker {

const Match& Router::match(mqtt::TopicName topic) {
  if (const MatchPtr* known = cache_.find(topic.text(), subscriptions_.generation(topic)))
    return **known;
  shared_trees_.read();
  // Asked again under the lock: what the tree answers belongs to this generation.
  const std::uint64_t generation = subscriptions_.generation(topic);
  return **cache_.insert(topic.text(), generation, subscriptions_.match(topic));
}

}  // namespace broker

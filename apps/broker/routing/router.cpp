#include "routing/router.h"

namespace broker {

const MatchPtr* Router::match(mqtt::TopicName topic) {
  if (const MatchPtr* known = cache_.find(topic.text(), subscriptions_.generation(topic)))
    return known;
  shared_trees_.read();
  std::size_t left = nodes_at_a_time;
  MatchPtr found = subscriptions_.match_within(topic, left);
  worker_.count_work((nodes_at_a_time - left) / nodes_per_unit);
  if (!found) return nullptr;
  // Asked again under the lock: what the tree answers belongs to this generation.
  return cache_.insert(topic.text(), subscriptions_.generation(topic), std::move(found));
}

std::unique_ptr<Router::Search> Router::search(mqtt::TopicName topic) {
  shared_trees_.read();
  return std::make_unique<Search>(subscriptions_, topic);
}

const MatchPtr* Router::go_on(Search& search) {
  shared_trees_.read();
  std::size_t left = nodes_at_a_time;
  const bool complete = search.go_on(left);
  worker_.count_work((nodes_at_a_time - left) / nodes_per_unit);
  if (!complete) return nullptr;
  MatchPtr match = search.match();
  worker_.count_work(match->receivers.size() / nodes_per_unit);
  return cache_.insert(search.topic().text(), subscriptions_.generation(search.topic()),
                       std::move(match));
}

}  // namespace broker

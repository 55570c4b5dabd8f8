#include "access/hash_queues.h"

#include <algorithm>

namespace broker {

void HashQueues::add(const std::string& origin, Standing standing, HashJob job) {
  const auto [known, is_new] = by_origin_.try_emplace(origin);
  if (is_new) {
    Queues& queues = of(standing).queues;
    known->second = queues.insert(queues.end(), Queue{origin, standing, {}});
  }
  Queue& queue = *known->second;
  weigh(queue, queue.bytes + job.bytes);
  queue.jobs.push_back(std::move(job));
}

/// The best that has jobs, or one below it that has been passed over too often.
HashQueues::Class& HashQueues::choose_class() {
  Class* chosen = nullptr;
  for (Class& one : classes_) {
    if (one.queues.empty()) continue;
    if (chosen == nullptr || one.passed_over >= most_skipped) chosen = &one;
  }
  for (Class& one : classes_) {
    if (&one != chosen && !one.queues.empty()) ++one.passed_over;
  }
  chosen->passed_over = 0;
  return *chosen;
}

std::optional<HashQueues::Taken> HashQueues::take_next() {
  if (empty()) return std::nullopt;
  Queues& queues = choose_class().queues;
  const auto first = queues.begin();
  Taken taken{first->origin, std::move(first->jobs.front())};
  first->jobs.pop_front();
  weigh(*first, first->bytes - taken.job.bytes);
  queues.splice(queues.end(), queues, first);
  remove_if_empty(first);
  return taken;
}

std::optional<HashJob> HashQueues::drop_newest_of_heaviest() {
  if (empty()) return std::nullopt;
  const auto worst = std::find_if(classes_.rbegin(), classes_.rend(),
                                  [](const Class& one) { return !one.queues.empty(); });
  const auto heaviest = by_origin_.find(worst->by_bytes.rbegin()->second->origin)->second;
  HashJob job = std::move(heaviest->jobs.back());
  heaviest->jobs.pop_back();
  weigh(*heaviest, heaviest->bytes - job.bytes);
  remove_if_empty(heaviest);
  return job;
}

void HashQueues::move(const std::string& origin, Standing standing) {
  const auto known = by_origin_.find(origin);
  if (known == by_origin_.end() || known->second->standing == standing) return;
  const Queues::iterator queue = known->second;
  Class& from = of(queue->standing);
  Class& to = of(standing);
  to.queues.splice(to.queues.end(), from.queues, queue);
  to.by_bytes.insert(from.by_bytes.extract({queue->bytes, &*queue}));
  queue->standing = standing;
}

std::vector<HashJob> HashQueues::take_all() {
  std::vector<HashJob> all;
  for (Class& one : classes_) {
    for (Queue& queue : one.queues) {
      for (HashJob& job : queue.jobs) all.push_back(std::move(job));
    }
    one = Class();
  }
  by_origin_.clear();
  bytes_ = 0;
  return all;
}

/// A queue stands in `by_bytes` of its class from its first job to its last.
void HashQueues::weigh(Queue& queue, std::size_t bytes) {
  auto& by_bytes = of(queue.standing).by_bytes;
  by_bytes.erase({queue.bytes, &queue});
  bytes_ += bytes - queue.bytes;
  queue.bytes = bytes;
  by_bytes.insert({queue.bytes, &queue});
}

void HashQueues::remove_if_empty(Queues::iterator queue) {
  if (!queue->jobs.empty()) return;
  Class& its_class = of(queue->standing);
  its_class.by_bytes.erase({queue->bytes, &*queue});
  by_origin_.erase(queue->origin);
  its_class.queues.erase(queue);
}

}  // namespace broker

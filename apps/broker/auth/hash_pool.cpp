#include "auth/hash_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace broker {

void HashPool::add(const std::string& origin, Job job) {
  std::optional<Job> given_up;
  {
    const std::scoped_lock guard(mutex_);
    if (stopped_) {
      given_up = std::move(job);
    } else {
      auto [place, is_new] = by_origin_.try_emplace(origin);
      if (is_new) place->second = queues_.insert(queues_.end(), Queue{origin, {}});
      place->second->jobs.push_back(std::move(job));
      ++waiting_;
      if (waiting_ > places_) given_up = drop_newest_of_longest();
      start_threads();
    }
  }
  if (given_up) return given_up->finished(false);
  work_.notify_one();
}

HashPool::Job HashPool::drop_newest_of_longest() {
  const auto longest =
      std::ranges::max_element(queues_, {}, [](const Queue& queue) { return queue.jobs.size(); });
  Job job = std::move(longest->jobs.back());
  longest->jobs.pop_back();
  --waiting_;
  if (longest->jobs.empty()) {
    by_origin_.erase(longest->origin);
    queues_.erase(longest);
  }
  return job;
}

void HashPool::start_threads() {
  while (threads_.size() < thread_count_) threads_.emplace_back([this] { run(); });
}

/// The oldest job of the first queue, which then is the last one.
HashPool::Job HashPool::take_next() {
  const auto first = queues_.begin();
  Job job = std::move(first->jobs.front());
  first->jobs.pop_front();
  --waiting_;
  if (first->jobs.empty()) {
    by_origin_.erase(first->origin);
    queues_.erase(first);
  } else {
    queues_.splice(queues_.end(), queues_, first);
  }
  return job;
}

void HashPool::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return stopped_ || waiting_ != 0; });
      if (stopped_) return;
      job = take_next();
    }
    job.compute();
    job.finished(true);
  }
}

void HashPool::stop() {
  Queues left;
  std::vector<std::thread> threads;
  {
    const std::scoped_lock guard(mutex_);
    stopped_ = true;
    left.swap(queues_);
    by_origin_.clear();
    waiting_ = 0;
    threads.swap(threads_);
  }
  work_.notify_all();
  for (std::thread& thread : threads) thread.join();
  for (Queue& queue : left) {
    for (Job& job : queue.jobs) job.finished(false);
  }
}

}  // namespace broker

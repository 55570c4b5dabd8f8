#include "access/hash_pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace broker {
namespace {

/// About a third of what an event loop on the same processor gets, when both want all of it.
void step_back() {
  constexpr int steps = 5;
  constexpr int last = 19;
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);  // of this thread alone, as Linux has it
  if (errno == 0) ::setpriority(PRIO_PROCESS, 0, std::min(now + steps, last));
}

}  // namespace

void HashPool::add(const std::string& origin, Job job) {
  std::vector<Job> given_up;
  {
    const std::scoped_lock guard(mutex_);
    if (stopped_) {
      given_up.push_back(std::move(job));
    } else {
      queues_.add(origin, record_.standing(origin), std::move(job));
      while (queues_.bytes() > most_bytes_) {
        given_up.push_back(std::move(*queues_.drop_newest_of_heaviest()));
      }
      start_threads();
    }
  }
  for (Job& one : given_up) one.finished(false);
  work_.notify_one();
}

void HashPool::note_proved(const std::string& origin) {
  const std::scoped_lock guard(mutex_);
  take_note(origin, Job::Outcome::proved);
}

void HashPool::take_note(const std::string& origin, Job::Outcome outcome) {
  if (outcome == Job::Outcome::undecided) return;
  outcome == Job::Outcome::proved ? record_.note_proved(origin) : record_.note_refused(origin);
  queues_.move(origin, record_.standing(origin));
}

void HashPool::start_threads() {
  while (threads_.size() < thread_count_) threads_.emplace_back([this] { run(); });
}

void HashPool::run() {
  step_back();
  for (;;) {
    std::optional<HashQueues::Taken> taken;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return stopped_ || !queues_.empty(); });
      if (stopped_) return;
      taken = queues_.take_next();
    }
    const Job::Outcome outcome = taken->job.compute();
    {
      const std::scoped_lock guard(mutex_);
      take_note(taken->origin, outcome);
    }
    taken->job.finished(true);
  }
}

void HashPool::stop() {
  std::vector<Job> left;
  std::vector<std::thread> threads;
  {
    const std::scoped_lock guard(mutex_);
    stopped_ = true;
    left = queues_.take_all();
    threads.swap(threads_);
  }
  work_.notify_all();
  for (std::thread& thread : threads) thread.join();
  for (Job& job : left) job.finished(false);
}

}  // namespace broker

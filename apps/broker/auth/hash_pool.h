#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace broker {

/// A few threads that compute password hashes, so that no event loop does. Whoever sends wrong
/// passwords by the thousand waits behind the others, and costs no more than these threads: the
/// jobs of each origin are a queue of their own, the queues are served in turns, and when all
/// places are taken the newest job of the longest queue gives way.
///
/// Every function may be called from any thread.
class HashPool {
 public:
  /// `done` false: it was not computed, as there was no place or the pool has stopped.
  struct Job {
    std::function<void()> compute;            ///< on one of the pool's threads
    std::function<void(bool done)> finished;  ///< on that thread, or within `add`, `stop`
  };

  /// The threads start with the first job.
  HashPool(unsigned threads, std::size_t places) : thread_count_(threads), places_(places) {}
  ~HashPool() { stop(); }
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  /// `origin`: whose job it is, as an address.
  void add(const std::string& origin, Job job);
  /// Waits for the jobs that are being computed; those that wait are given up.
  void stop();

 private:
  struct Queue {
    std::string origin;
    std::deque<Job> jobs;
  };
  using Queues = std::list<Queue>;

  void run();
  void start_threads();          // the caller holds mutex_
  Job take_next();               // the caller holds mutex_; there is one
  Job drop_newest_of_longest();  // likewise

  const unsigned thread_count_;
  const std::size_t places_;

  std::mutex mutex_;  ///< guards everything below
  std::condition_variable work_;
  Queues queues_;  ///< in the order in which they are served; none is empty
  std::map<std::string, Queues::iterator> by_origin_;
  std::size_t waiting_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace broker

#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "access/hash_queues.h"
#include "access/origin_record.h"

namespace broker {

/// Threads that compute password hashes, outside the event loops. They have a lower priority than
/// the event loops, so they use the processor time that messages leave. Origins that send many
/// wrong passwords wait behind the others: see HashQueues and OriginRecord. Above `most_bytes` of
/// waiting jobs, the newest job of the origin that holds the most is discarded.
///
/// Every function may be called from any thread.
class HashPool {
 public:
  using Job = HashJob;

  /// The threads start with the first job.
  HashPool(unsigned threads, std::size_t most_bytes)
      : thread_count_(threads), most_bytes_(most_bytes) {}
  ~HashPool() { stop(); }
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  /// `origin`: the client's address. `Job::compute` runs on one of the pool's threads;
  /// `Job::finished` too, or during `add` or `stop`.
  void add(const std::string& origin, Job job);
  /// A client from `origin` has authenticated without a hash.
  void note_proved(const std::string& origin);
  /// Waits for the jobs being computed; waiting jobs are discarded.
  void stop();

 private:
  void run();
  void start_threads();                                             // the caller holds mutex_
  void take_note(const std::string& origin, Job::Outcome outcome);  // likewise

  const unsigned thread_count_;
  const std::size_t most_bytes_;

  std::mutex mutex_;  ///< guards everything below
  std::condition_variable work_;
  HashQueues queues_;
  OriginRecord record_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace broker

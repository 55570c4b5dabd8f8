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

/// Threads that compute password hashes, so that no event loop does. They have a lower priority
/// than the event loops: they take what messages leave of the processors. Whoever sends wrong
/// passwords by the thousand waits behind the others: see HashQueues and OriginRecord. Above
/// `most_bytes` of waiting jobs the newest of the origin that holds the most gives way.
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

  /// `origin`: whose job it is, as an address. `Job::compute` runs on one of the pool's threads,
  /// `Job::finished` there too, or within `add` or `stop`.
  void add(const std::string& origin, Job job);
  /// A client from `origin` has proved who it is without a hash.
  void note_proved(const std::string& origin);
  /// Waits for the jobs that are being computed; those that wait are given up.
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

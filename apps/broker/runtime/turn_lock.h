#pragma once

#include <atomic>
#include <mutex>
#include <vector>

namespace broker {

/// A readers-writer lock for data that all workers share, for constant reading and occasional
/// writing.
///
/// Each worker has its own mutex as its read side: taking it touches no cache line of another
/// worker. A writer takes all of them. New readers yield to a waiting writer, so a writer waits
/// only for the turns in progress. And a writer yields to the readers that waited for the previous
/// writer, so a series of many small changes delays a reader by at most one of them.
class TurnLock {
 public:
  explicit TurnLock(unsigned workers) : readers_(workers) {}

  void lock_read(unsigned worker) {
    if (writers_.load(std::memory_order_acquire) == 0 && readers_[worker].mutex.try_lock()) return;
    waiting_readers_.fetch_add(1, std::memory_order_acq_rel);
    { const std::scoped_lock wait_for_writer(writer_); }
    readers_[worker].mutex.lock();
    if (waiting_readers_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      waiting_readers_.notify_all();
  }
  void unlock_read(unsigned worker) { readers_[worker].mutex.unlock(); }

  /// Whether a reader is waiting. Any thread.
  bool is_awaited() const { return waiting_readers_.load(std::memory_order_acquire) != 0; }

  /// The caller must not hold its read side.
  void lock() {
    for (int waiting = waiting_readers_.load(std::memory_order_acquire); waiting != 0;
         waiting = waiting_readers_.load(std::memory_order_acquire)) {
      waiting_readers_.wait(waiting, std::memory_order_acquire);
    }
    writers_.fetch_add(1, std::memory_order_acq_rel);
    writer_.lock();
    for (Reader& reader : readers_) reader.mutex.lock();
  }
  void unlock() {
    for (Reader& reader : readers_) reader.mutex.unlock();
    writer_.unlock();
    writers_.fetch_sub(1, std::memory_order_acq_rel);
  }

 private:
  struct alignas(64) Reader {
    std::mutex mutex;
  };
  std::vector<Reader> readers_;
  std::mutex writer_;
  std::atomic<int> writers_{0};
  std::atomic<int> waiting_readers_{0};
};

/// One worker's side of a TurnLock. The read side is held from its first use until the end of the
/// turn, so that a turn takes the lock once, however many messages it routes.
class TurnAccess {
 public:
  TurnAccess(TurnLock& lock, unsigned worker) : lock_(lock), worker_(worker) {}

  /// From here until `end_turn` (or `write`) nothing shared changes.
  void read() {
    if (!reading_) lock_.lock_read(worker_);
    reading_ = true;
  }
  void end_turn() {
    if (reading_) lock_.unlock_read(worker_);
    reading_ = false;
  }
  /// Runs `change` exclusively. What this turn has read before may have changed afterwards.
  template <class Change>
  auto write(Change change) {
    end_turn();
    const std::scoped_lock alone(lock_);
    return change();
  }

 private:
  TurnLock& lock_;
  unsigned worker_;
  bool reading_ = false;
};

}  // namespace broker

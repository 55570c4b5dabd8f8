#pragma once

#include <atomic>
#include <mutex>
#include <vector>

namespace broker {

/// A readers-writer lock for what all workers share, made for readers that read all the time and
/// writers that come now and then.
///
/// Each worker has a mutex of its own as its read side: taking it touches no cache line of another
/// worker. A writer takes all of them. Readers step back while a writer waits, so a writer waits
/// for the turns that are under way, and no longer. And a writer steps back for the readers that
/// waited for the one before it: who changes much in many small steps keeps no reader waiting for
/// more than one of them.
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

  /// Whether anyone waits to read. Any thread.
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

/// One worker's side of a TurnLock: reading holds from the first need until the end of the loop
/// turn, so that a turn pays for the lock once, however many messages it routes.
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
  /// Runs `change` alone. What was read before in this turn may have changed afterwards.
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

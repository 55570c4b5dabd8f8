#pragma once

#include <uv.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "mqtt/io/loop.h"
#include "runtime/clock.h"
#include "runtime/mailbox.h"
#include "runtime/timer_wheel.h"

namespace broker {

/// A task at the end of every turn: it sends what the turn has collected.
class TurnEndTask {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~TurnEndTask() = default;
};

/// A thread with its event loop, timers and mailbox. Everything on a worker is used on its thread
/// only; `post` and `load` may be called on any thread.
class Worker {
 public:
  Worker(unsigned index, const Clock& clock);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  unsigned index() const { return index_; }
  mqtt::io::Loop& loop() { return loop_; }
  TimerWheel& timers() { return timers_; }
  const Clock& clock() const { return clock_; }
  std::int64_t now() const { return clock_.now_ms(); }

  /// Before `start`: tasks run in the order in which they were added.
  void add_turn_end_task(TurnEndTask& task) { turn_end_tasks_.push_back(&task); }

  /// Runs the loop on its own thread, until `stop`.
  void start();
  /// Any thread. The loop ends after the letters posted so far; `join` waits for it.
  void stop();
  void join();
  /// Whether the calling thread may use what belongs to this worker: its own; any other only before
  /// `start` and after `join`. Asserted where rooms are entered.
  bool is_current() const {
    const std::thread::id runs = runs_on_.load(std::memory_order_relaxed);
    return runs == std::this_thread::get_id() || runs == std::thread::id();
  }

  /// Any thread.
  void post(std::unique_ptr<Letter> letter);
  /// The same for a caller that will post more and then calls `wake`: within its turn, and before
  /// it announces the result to anyone.
  Mailbox::Number post_quietly(std::unique_ptr<Letter> letter) {
    return mailbox_.post_quietly(std::move(letter));
  }
  void wake();
  /// See Mailbox::amend.
  template <class Change>
  bool amend(Mailbox::Number number, Change change) {
    return mailbox_.amend(number, change);
  }
  /// Opens the waiting letters. Called before input is processed: events on other workers that the
  /// sender of the input may have waited for take effect first.
  void open_mail() {
    note_turn();
    if (!mailbox_.has_letters()) return;
    const std::uint64_t before = work_done_;
    mailbox_.open_all();
    mail_work_ += work_done_ - before;
  }
  /// The same, unless letters have used up their share of the turn. False if some are left
  /// unopened: then input waits until `open_mail` at the end of the turn.
  bool open_mail_in_time() {
    note_turn();
    if (mail_work_ < mail_share) open_mail();
    return !mailbox_.has_letters();
  }

  /// Counts work, so that every task can be held to its share of a turn: one unit for a packet
  /// read, a delivery or a packet sent, more for longer work; about a quarter of a microsecond
  /// each.
  void count_work(std::uint64_t units) { work_done_ += units; }
  std::uint64_t work_done() const { return work_done_; }

  /// The loop starts another turn even without an event.
  void keep_turning() {
    loop_.defer([](void*) {}, nullptr);
  }

  /// The recent load: 0 (idle) to 1 (no spare time). A worker that has been in one turn for a long
  /// time counts as busy. Any thread.
  double load() const;

 private:
  /// The share of letters in one turn; beyond it input waits.
  static constexpr std::uint64_t mail_share = 8192;

  /// Called by the first event of a turn: the wait for events has ended at the loop's time.
  void note_turn() {
    if (turn_began_ms_.load(std::memory_order_relaxed) == 0)
      turn_began_ms_.store(uv_now(loop_.uv()), std::memory_order_relaxed);
  }
  void before_poll();
  void after_poll();
  void end_turn();
  void fire_timers();
  void arm_loop_timer();
  void measure_load();

  const unsigned index_;
  const Clock& clock_;
  mqtt::io::Loop loop_;
  TimerWheel timers_;
  Mailbox mailbox_;
  uv_async_t wake_{};
  uv_timer_t timer_{};
  uv_prepare_t before_poll_{};
  uv_check_t after_poll_{};
  std::int64_t timer_armed_for_ = INT64_MAX;
  std::vector<TurnEndTask*> turn_end_tasks_;
  std::thread thread_;
  std::atomic<std::thread::id> runs_on_{};  ///< none: it does not run

  // Of the worker's thread.
  std::uint64_t work_done_ = 0;
  std::uint64_t mail_work_ = 0;  // of letters, in this turn

  // Of the worker's thread, in libuv's time; the results are read by others.
  std::uint64_t waits_since_ms_ = 0;
  std::uint64_t idle_ms_ = 0;  // since the last measure
  std::uint64_t measured_at_ns_ = 0;
  std::atomic<std::uint64_t> load_measured_ns_{0};
  std::atomic<float> load_{0};
  std::atomic<std::uint64_t> turn_began_ms_{0};  ///< 0: no event yet
};

}  // namespace broker

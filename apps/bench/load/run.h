#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/load/load_plan.h"
#include "bench/load/load_thread.h"
#include "bench/load/mailbox.h"
#include "bench/load/process_watch.h"
#include "bench/load/time_line.h"
#include "bench/result/result.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"

namespace bench {

/// One run: starts the load threads, takes them through the steps of the plan, and finds out what
/// came of it. On the thread that made it; waits on a loop of its own, on which others may have
/// handles too (signals).
class Run {
 public:
  using Observer = std::function<void(const Interval&)>;

  /// `watch`: the broker's process, if it is known. `observer` is told of each slice of the time
  /// line.
  Run(LoadPlan plan, std::optional<ProcessWatch> watch, Observer observer);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  mqtt::io::Loop& loop() { return loop_; }

  /// For who watches: what the run does just now ("connecting", "measuring"), how much of that is
  /// over (0..1, as far as it is known), how long the run has lasted, how many connections are
  /// open.
  const std::string& phase() const { return phase_; }
  std::optional<double> phase_done() const;
  Seconds elapsed() const { return to_seconds(now() - begun_); }
  std::uint64_t connections() const { return total().connected; }

  /// All of it. The result's `settings` are left to the caller. The error: why nothing could be
  /// measured, such as a broker that cannot be reached.
  tl::expected<Result, std::string> execute();

  /// Ends the run in order, with what there is so far; from the loop.
  void interrupt() { interrupted_ = true; }

 private:
  /// What the threads have come to, all together.
  struct Total {
    std::uint64_t ready = 0;
    std::uint64_t connected = 0;
    std::uint64_t connect_failures = 0;
    std::uint64_t published = 0;
    std::uint64_t unfinished = 0;
    std::uint64_t failed = 0;
    std::uint64_t sending = 0;
    std::uint64_t to_undo = 0;
    std::uint64_t delivered = 0;
    Nanoseconds last_ready = 0;
    Nanoseconds last_delivery = 0;
  };
  Total total() const;

  void perform(const Step& step);
  void connect(const Step& step);
  void fill(const Step& step);
  void load(const Step& step);
  void drain(const Step& step);
  void hold();
  void undo(const Step& step);
  /// When sending that begins now begins: an open loop gives all threads time to take its
  /// timetable.
  Nanoseconds start_of_sending() const;
  /// What is to be sent: `limit` messages of each publisher at most; open loop: those due from
  /// `start` to `end`.
  struct Sending {
    std::optional<std::uint64_t> limit;
    std::uint32_t receivers = 0;  ///< as for Sender
    Nanoseconds start = 0;
    Nanoseconds end = 0;
    Nanoseconds measured_from = 0;  ///< messages from then on belong to the measured part
  };
  Nanoseconds end_of_sending(Nanoseconds start) const;
  void begin_sending(const Sending& sending);
  void send_from(Nanoseconds start);
  void send_what_was_due();
  void begin_measuring();
  void end_measuring();
  void judge_generator();
  void end();

  /// Waits until `done`, the time `until`, or, unless the run is at its end, an interrupt.
  template <class Done>
  bool wait(Done done, Nanoseconds until);
  /// Waits until `left` is 0, or has not changed for a while.
  template <class Left>
  bool wait_for_none(Left left, Nanoseconds patience);
  void enter_phase(std::string name, Nanoseconds end = 0);
  void on_tick();
  void tell_slice(bool is_last);
  /// Has `call` made on each load thread, and waits until all have made it.
  void on_each_thread(const std::function<void(LoadThread&)>& call);
  Tally tally();
  void fail(std::string reason);
  std::string first_failure();
  void add_figure(const Step& step, std::uint64_t count, Nanoseconds time);

  LoadPlan plan_;
  std::optional<ProcessWatch> watch_;
  Observer observer_;
  TimeLine time_line_;
  bool telling_slice_ = false;
  mqtt::io::Loop loop_;
  Mailbox mailbox_;
  mqtt::io::Timer tick_;
  std::vector<std::unique_ptr<LoadThread>> threads_;

  std::string phase_;
  Nanoseconds begun_ = 0;
  Nanoseconds phase_begin_ = 0;
  Nanoseconds phase_end_ = 0;  ///< 0: nobody knows
  bool interrupted_ = false;
  bool ending_ = false;  ///< what has to be done at the end is done in any case
  std::string error_;
  std::uint64_t wanted_ready_ = 0;  ///< clients that were to connect so far

  bool measuring_ = false;
  Nanoseconds measure_begin_ = 0;
  std::vector<Nanoseconds> busy_at_begin_;
  ProcessUsage own_at_begin_;
  Result result_;
};

}  // namespace bench

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

/// One run: starts the load threads, takes them through the steps of the plan, and collects the
/// results. Used on the thread that created it; waits on its own loop, which may have other handles
/// (signals).
class Run {
 public:
  using Observer = std::function<void(const Interval&)>;

  /// `watch`: the broker's process, if known. `observer` is called for each slice of the time line.
  Run(LoadPlan plan, std::optional<ProcessWatch> watch, Observer observer);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  mqtt::io::Loop& loop() { return loop_; }

  /// For progress displays: the current phase ("connecting", "measuring"), its completed part
  /// (0..1, if known), the duration of the run so far, and the number of open connections.
  const std::string& phase() const { return phase_; }
  std::optional<double> phase_done() const;
  Seconds elapsed() const { return to_seconds(now() - begun_); }
  std::uint64_t connections() const { return total().connected; }

  /// Runs to the end. The caller sets the result's `settings`. The error: why nothing could be
  /// measured, such as an unreachable broker.
  tl::expected<Result, std::string> execute();

  /// Ends the run gracefully with the results so far; called from the loop.
  void interrupt() { interrupted_ = true; }

 private:
  /// The progress of all threads together.
  LoadProgress total() const;

  void perform(const Step& step);
  void connect(const Step& step);
  void fill(const Step& step);
  void load(const Step& step);
  void drain(const Step& step);
  void hold();
  void undo(const Step& step);
  /// The start of sending: an open loop gives all threads time to receive the schedule.
  Nanoseconds start_of_sending() const;
  /// What to send: at most `limit` messages per publisher; open loop: those due from `start` to
  /// `end`.
  struct Sending {
    std::optional<std::uint64_t> limit;
    std::uint32_t receivers = 0;  ///< as for Sender
    Nanoseconds start = 0;
    Nanoseconds end = 0;
    Nanoseconds measured_from = 0;  ///< later messages belong to the measured part
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
  /// Makes `call` on each load thread, and waits until all have done so.
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
  Nanoseconds phase_end_ = 0;  ///< 0: unknown
  bool interrupted_ = false;
  bool ending_ = false;  ///< the final steps are done in any case
  std::string error_;
  std::uint64_t wanted_ready_ = 0;  ///< clients that should be connected by now

  bool measuring_ = false;
  Nanoseconds measure_begin_ = 0;
  std::vector<Nanoseconds> busy_at_begin_;
  ProcessUsage own_at_begin_;
  Result result_;
};

}  // namespace bench

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/load/load_client.h"
#include "bench/load/load_plan.h"
#include "bench/load/load_progress.h"
#include "bench/load/mailbox.h"
#include "bench/load/pacer.h"
#include "bench/load/payload_buffer.h"
#include "bench/load/tally.h"
#include "cli/connection/precise_timer.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"

namespace bench {

/// The ledgers that receivers on several threads share: one per group, nullptr for groups whose
/// receivers have their own.
using SharedLedgers = std::vector<std::shared_ptr<Ledger>>;
SharedLedgers shared_ledgers(const LoadPlan& plan);

/// A thread with a loop and a share of the run's clients: in each group those whose number modulo
/// the number of threads is the thread's number. Everything in it belongs to that thread unless
/// stated otherwise.
class LoadThread {
 public:
  /// `threads`: all threads of the run, including this one, in order; filled before the first one
  /// starts.
  LoadThread(const LoadPlan& plan, unsigned number, const SharedLedgers& ledgers,
             const std::vector<std::unique_ptr<LoadThread>>& threads);
  ~LoadThread();
  LoadThread(const LoadThread&) = delete;
  LoadThread& operator=(const LoadThread&) = delete;

  // --- from the run's own thread ---------------------------------------------------------------

  void start();
  /// Ends the loop and waits for the thread. After that, any thread may read everything.
  void stop();
  void post(std::function<void()> call) { mailbox_.post(std::move(call)); }
  LoadProgress progress() const { return progress_.load(); }
  /// How long the thread has had work since it started, whether or not a processor was available.
  Nanoseconds busy_time() const;

  // --- steps, on this thread -------------------------------------------------------------------

  void connect(std::size_t group);
  void subscribe(std::size_t group);
  void disconnect(std::size_t group);
  void drop(std::size_t group);
  void stall();
  void forget(std::size_t group);
  /// Publishers send at most `limit` messages each; open loop: on this schedule; closed loop:
  /// `receivers` as for Sender.
  void begin_sending(std::optional<std::uint64_t> limit, std::uint32_t receivers,
                     const std::optional<Pacer>& timetable);
  /// Open loop: messages due before `end` are still sent; closed loop: ends immediately.
  void end_sending(Nanoseconds end);
  /// Ends immediately, whatever is due.
  void stop_sending();
  void clear_retained();
  /// Connects and deliveries are counted until `end_measuring`.
  void begin_measuring();
  /// Messages that are sent (open loop: due) from `moment` on are counted, wherever and whenever
  /// they arrive.
  void count_messages_from(Nanoseconds moment) {
    measured_since_ = std::min(measured_since_, moment);
  }
  void end_measuring() { measuring_ = false; }
  /// Latencies of deliveries count from here instead of from their header; 0: from their header.
  void time_arrivals_from(Nanoseconds moment) { arrival_origin_ = moment; }

  /// Once per turn of the loop, and when a change must be visible immediately.
  void report_progress();

  // --- for this thread's clients ---------------------------------------------------------------

  unsigned number() const { return number_; }
  const LoadPlan& plan() const { return plan_; }
  mqtt::io::Loop& loop() { return loop_; }
  Tally& tally() { return tally_; }
  PayloadBuffer& payload() { return payload_; }
  const Pacer& timetable() const { return *timetable_; }

  bool is_measuring() const { return measuring_; }
  /// Whether it is measuring, or has been.
  bool has_measured() const { return has_measured_; }
  /// Connects count in the whole run, unless they are measured.
  bool counts_connects() const { return measuring_ || !plan_.measures_connects(); }
  /// Whether a message of this time belongs to the measured part.
  bool is_measured(Nanoseconds time) const { return time >= measured_since_; }
  Nanoseconds arrival_origin() const { return arrival_origin_; }

  /// Schedules `sender` to be pumped before the loop waits again.
  void pump_later(Sender& sender);
  /// A receiver awaits `count` fewer messages of `sender`, which may be on any thread.
  void credit(std::uint32_t sender, std::uint64_t count);

  void on_connect_over();  ///< an attempt has succeeded or failed
  void connect_again(LoadClient& client);
  void note_failure(std::string text);

  /// Its `delivered` is not counted here but in the tally.
  LoadProgress& state() { return state_; }

  // --- after `stop`, from any thread -----------------------------------------------------------

  std::vector<std::unique_ptr<LoadClient>>& clients() { return clients_; }
  const std::vector<std::string>& failure_texts() const { return failure_texts_; }

 private:
  void make_clients(const SharedLedgers& ledgers);
  std::shared_ptr<Ledger> own_ledger(const ClientGroup& group, std::uint32_t index) const;
  void run();
  void on_turn();
  void start_connects();
  void return_credits();
  void on_due();
  Nanoseconds deal_due(Nanoseconds until);
  void on_housekeeping();

  template <class Call>
  void for_each_client(std::size_t group, Call call) {
    for (const auto& client : clients_) {
      if (&client->group() == &plan_.groups[group]) call(*client);
    }
  }

  const LoadPlan& plan_;
  unsigned number_;
  const std::vector<std::unique_ptr<LoadThread>>& threads_;
  mqtt::io::Loop loop_;
  Mailbox mailbox_;
  SharedLoadProgress progress_;
  LoadProgress state_;
  Tally tally_;
  PayloadBuffer payload_;

  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::vector<Sender*> senders_;           ///< those of this thread
  std::vector<Sender*> sender_by_number_;  ///< nullptr: on another thread
  std::vector<Sender*> to_pump_;
  std::vector<Sender*> pumping_;
  std::vector<std::uint64_t> credits_;   ///< by number of the sender, for other threads
  std::vector<std::uint32_t> credited_;  ///< the senders with such credits

  bool measuring_ = false;
  bool has_measured_ = false;
  Nanoseconds measured_since_ = std::numeric_limits<Nanoseconds>::max();
  Nanoseconds arrival_origin_ = 0;

  std::optional<Pacer> timetable_;
  std::uint64_t next_turn_ = 0;  ///< of the schedule, for `senders_[next_sender_]`
  std::size_t next_sender_ = 0;
  Nanoseconds next_due_ = Pacer::never;
  cli::PreciseTimer due_;
  bool sending_ = false;

  std::deque<LoadClient*> to_connect_;
  std::uint32_t connecting_ = 0;  ///< pending attempts
  Nanoseconds connects_since_ = 0;
  std::uint64_t connects_begun_ = 0;  ///< since then
  mqtt::io::Timer connect_timer_;
  mqtt::io::Timer housekeeping_;
  std::vector<std::string> failure_texts_;  ///< the different ones, a few

  // Senders become ready while events are handled, and in the calls deferred from there.
  cli::LoopHandle<uv_check_t> after_events_;
  cli::LoopHandle<uv_prepare_t> before_waiting_;
  std::atomic<pid_t> thread_id_{0};  ///< of the system; 0: not started
  std::thread thread_;
};

}  // namespace bench

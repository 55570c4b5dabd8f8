#include "bench/load/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/load/settlement.h"

namespace bench {
namespace {

constexpr std::chrono::milliseconds tick{5};
constexpr Nanoseconds forever = std::numeric_limits<Nanoseconds>::max();
constexpr Nanoseconds farewell_limit = 5 * nanoseconds_per_second;
/// While nobody has got a connection, failures mean that nobody will.
constexpr Nanoseconds first_connect_patience = 2 * nanoseconds_per_second;
/// Open loop: time for all threads to take the timetable before it begins.
constexpr Nanoseconds head_start = 5'000'000;

}  // namespace

Run::Run(LoadPlan plan, std::optional<ProcessWatch> watch, Observer observer)
    : plan_(std::move(plan)),
      watch_(std::move(watch)),
      observer_(std::move(observer)),
      time_line_(plan_.main_latency, plan_.interval),
      mailbox_(loop_),
      tick_(loop_, [this] { on_tick(); }) {
  const SharedLedgers ledgers = shared_ledgers(plan_);
  for (unsigned i = 0; i < plan_.threads; ++i) {
    threads_.push_back(std::make_unique<LoadThread>(plan_, i, ledgers, threads_));
  }
}

Run::~Run() {
  for (const auto& thread : threads_) thread->stop();
}

tl::expected<Result, std::string> Run::execute() {
  if (watch_) watch_->begin();
  own_at_begin_ = usage_of_this_process();
  for (const auto& thread : threads_) thread->start();
  begun_ = now();
  time_line_.begin(begun_, watch_ ? watch_->cpu_time() : 0);
  tick_.start(tick, tick);
  for (const Step& step : plan_.steps) {
    if (!step.measured) end_measuring();
    perform(step);
    if (interrupted_ || !error_.empty()) break;
  }
  end();
  if (!error_.empty()) return tl::unexpected(error_);
  return std::move(result_);
}

// --- waiting ---------------------------------------------------------------------------------

template <class Done>
bool Run::wait(Done done, Nanoseconds until) {
  while (!done()) {
    const bool is_called_off = !ending_ && (interrupted_ || !error_.empty());
    if (is_called_off || now() >= until) return false;
    loop_.run_once();
  }
  return true;
}

template <class Left>
bool Run::wait_for_none(Left left, Nanoseconds patience) {
  std::uint64_t seen = left();
  Nanoseconds seen_at = now();
  bool is_none = seen == 0;
  wait(
      [&] {
        if (const std::uint64_t present = left(); present != seen) {
          seen = present;
          seen_at = now();
        }
        is_none = seen == 0;
        return is_none || now() > seen_at + patience;
      },
      forever);
  return is_none;
}

void Run::enter_phase(std::string name, Nanoseconds end) {
  phase_ = std::move(name);
  phase_begin_ = now();
  phase_end_ = end;
}

std::optional<double> Run::phase_done() const {
  if (phase_end_ <= phase_begin_) return std::nullopt;
  const double share =
      static_cast<double>(now() - phase_begin_) / static_cast<double>(phase_end_ - phase_begin_);
  return std::min(share, 1.0);
}

void Run::on_tick() {
  if (telling_slice_ || now() < time_line_.next()) return;
  telling_slice_ = true;
  tell_slice(false);
  telling_slice_ = false;
}

void Run::tell_slice(bool is_last) {
  const Tally counted = tally();
  TimeLine::Broker broker;
  if (watch_) {
    watch_->sample();
    broker = {watch_->cpu_time(), watch_->resident()};
  }
  const Interval& slice =
      is_last ? time_line_.finish(now(), counted, broker) : time_line_.cut(now(), counted, broker);
  if (observer_) observer_(slice);
}

void Run::on_each_thread(const std::function<void(LoadThread&)>& call) {
  std::size_t answers = 0;
  for (const auto& thread : threads_) {
    thread->post([this, &call, &answers, &thread = *thread] {
      call(thread);
      thread.report_progress();
      mailbox_.post([&answers] { ++answers; });
    });
  }
  while (answers < threads_.size()) loop_.run_once();
}

Tally Run::tally() {
  std::vector<Tally> parts(threads_.size());
  on_each_thread([&](LoadThread& thread) { parts[thread.number()].add(thread.tally()); });
  Tally sum;
  for (const Tally& part : parts) sum.add(part);
  return sum;
}

LoadProgress Run::total() const {
  LoadProgress sum;
  for (const auto& thread : threads_) sum.add(thread->progress());
  return sum;
}

void Run::fail(std::string reason) {
  if (error_.empty()) error_ = std::move(reason);
}

std::string Run::first_failure() {
  std::vector<std::string> texts(threads_.size());
  on_each_thread([&](LoadThread& thread) {
    if (!thread.failure_texts().empty()) texts[thread.number()] = thread.failure_texts().front();
  });
  for (std::string& text : texts) {
    if (!text.empty()) return std::move(text);
  }
  return "no answer";
}

// --- steps -----------------------------------------------------------------------------------

void Run::perform(const Step& step) {
  const auto on_group = [&](void (LoadThread::*action)(std::size_t)) {
    on_each_thread([&](LoadThread& thread) { (thread.*action)(step.group); });
  };
  if (step.measured && step.kind != Step::Kind::load) begin_measuring();
  switch (step.kind) {
    case Step::Kind::connect:
      return connect(step);
    case Step::Kind::subscribe:
      on_each_thread([&](LoadThread& thread) { thread.time_arrivals_from(now()); });
      return on_group(&LoadThread::subscribe);
    case Step::Kind::disconnect:
      wanted_ready_ -= plan_.groups[step.group].size;
      on_group(&LoadThread::disconnect);
      wait([&] { return total().connected <= wanted_ready_; }, now() + farewell_limit);
      return;
    case Step::Kind::drop:
      wanted_ready_ -= plan_.groups[step.group].size;
      return on_group(&LoadThread::drop);
    case Step::Kind::fill:
      return fill(step);
    case Step::Kind::load:
      return load(step);
    case Step::Kind::stall:
      return on_each_thread([](LoadThread& thread) { thread.stall(); });
    case Step::Kind::drain:
      return drain(step);
    case Step::Kind::clear:
    case Step::Kind::forget:
      return undo(step);
    case Step::Kind::hold:
      return hold();
  }
}

void Run::connect(const Step& step) {
  enter_phase("connecting");
  const Nanoseconds begin = now();
  const std::uint64_t size = plan_.groups[step.group].size;
  wanted_ready_ += size;
  on_each_thread([&](LoadThread& thread) { thread.connect(step.group); });
  std::uint64_t ready = 0;
  Nanoseconds progress_at = begin;
  wait(
      [&] {
        const LoadProgress present = total();
        if (present.ready != ready) {
          ready = present.ready;
          progress_at = now();
        }
        const bool hopeless = present.connect_failures > 0 && ready == 0 && present.connected == 0;
        const Nanoseconds patience = hopeless ? first_connect_patience : plan_.step_limit;
        if (now() > progress_at + patience) {
          fail(fmt::format("{} of {} clients are connected{}, then: {}", ready, wanted_ready_,
                           plan_.groups[step.group].filter ? " and subscribed" : "",
                           first_failure()));
        }
        return ready >= wanted_ready_;
      },
      forever);
  add_figure(step, size, total().last_ready - begin);
  if (watch_ && error_.empty()) watch_->all_connected();
}

Nanoseconds Run::start_of_sending() const {
  return plan_.is_open_loop() ? now() + head_start : now();
}

Nanoseconds Run::end_of_sending(Nanoseconds start) const {
  return plan_.count ? forever : start + plan_.duration;
}

void Run::begin_sending(const Sending& sending) {
  std::optional<Pacer> timetable;
  if (plan_.rate && plan_.publishers() != nullptr) {
    timetable.emplace(Pacer::Settings{.per_second = *plan_.rate,
                                      .senders = plan_.publishers()->size,
                                      .start = sending.start,
                                      .ramp = plan_.ramp,
                                      .end = sending.end});
  }
  on_each_thread([&](LoadThread& thread) {
    thread.begin_sending(sending.limit, sending.receivers, timetable);
    thread.count_messages_from(sending.measured_from);
  });
}

/// All messages count, although the time in which they are sent is not what is measured.
void Run::fill(const Step& step) {
  enter_phase("filling");
  const Nanoseconds begin = now();
  const LoadProgress before = total();
  begin_sending({.limit = plan_.count,
                 .receivers = 0,
                 .start = start_of_sending(),
                 .end = forever,
                 .measured_from = begin});
  std::uint64_t published = 0;
  Nanoseconds progress_at = begin;
  wait(
      [&] {
        const LoadProgress present = total();
        if (present.published - present.unfinished != published) {
          published = present.published - present.unfinished;
          progress_at = now();
        }
        if (now() > progress_at + plan_.step_limit) fail("the broker accepts no more messages");
        return present.sending == 0;
      },
      forever);
  add_figure(step, total().published - before.published, now() - begin);
}

/// Leaves the broker as it was found: without what it retained, or kept of our sessions.
void Run::undo(const Step& step) {
  enter_phase("clearing");
  on_each_thread([&](LoadThread& thread) {
    if (step.kind == Step::Kind::clear) thread.clear_retained();
    if (step.kind == Step::Kind::forget) thread.forget(step.group);
  });
  const std::uint64_t all = total().to_undo;
  if (wait_for_none([this] { return total().to_undo; }, farewell_limit)) return;
  result_.notes.push_back(fmt::format("{} of {} {} could not be removed from the broker",
                                      total().to_undo, all,
                                      step.kind == Step::Kind::clear ? "topics" : "sessions"));
}

void Run::load(const Step& step) {
  Nanoseconds start = start_of_sending();
  Sending sending{.limit = plan_.count,
                  .receivers = plan_.deliveries_per_message,
                  .start = start,
                  .end = end_of_sending(start),
                  .measured_from = start};
  if (measuring_ || !step.measured) {
    if (!measuring_) sending.measured_from = forever;
    begin_sending(sending);
    send_from(start);
    return send_what_was_due();
  }
  const bool begins_anew = plan_.count || plan_.warm_up == 0;
  if (plan_.warm_up > 0) {
    const Nanoseconds end = start + plan_.warm_up;
    enter_phase("warm-up", end);
    // All threads know from the beginning which message is the first that counts. Where a number of
    // messages is to count, it is none of these.
    begin_sending({.limit = std::nullopt,
                   .receivers = sending.receivers,
                   .start = start,
                   .end = begins_anew ? forever : end_of_sending(end),
                   .measured_from = begins_anew ? forever : end});
    if (wait([] { return false; }, end); interrupted_ || !error_.empty()) return;
    start = begins_anew ? start_of_sending() : end;
  }
  begin_measuring();
  if (begins_anew) {
    sending.start = sending.measured_from = start;
    sending.end = end_of_sending(start);
    begin_sending(sending);
  }
  send_from(start);
  end_measuring();
  send_what_was_due();
}

/// Has messages sent for the duration or until their number is reached.
void Run::send_from(Nanoseconds start) {
  const Nanoseconds end = end_of_sending(plan_.is_open_loop() ? start : now());
  enter_phase(measuring_ ? "measuring" : "baseline", plan_.count ? 0 : end);
  wait([&] { return plan_.count && total().sending == 0; }, end);
  on_each_thread([&](LoadThread& thread) { thread.end_sending(std::min(end, now())); });
}

/// An open loop keeps its timetable: what was due before its end is sent, if it can be.
void Run::send_what_was_due() {
  const auto left = [this] {
    const LoadProgress present = total();
    return present.sending == 0 ? 0 : std::numeric_limits<std::uint64_t>::max() - present.published;
  };
  wait_for_none(left, plan_.drain_time);
  if (interrupted_ && !ending_) return;  // the end does it
  on_each_thread([](LoadThread& thread) { thread.stop_sending(); });
}

/// Nothing is sent any more: all that can still come has come when nothing more is expected, or
/// when nothing has come for a while.
void Run::drain(const Step& step) {
  enter_phase("draining");
  const Nanoseconds begin = now();
  const std::uint64_t before = total().delivered;
  const std::uint64_t each = plan_.deliveries_per_message;
  std::uint64_t unfinished = 0;
  Nanoseconds progress_at = begin;
  wait(
      [&] {
        const LoadProgress present = total();
        if (present.unfinished != std::exchange(unfinished, present.unfinished))
          progress_at = now();
        progress_at = std::max(progress_at, present.last_delivery);
        if (now() > progress_at + plan_.drain_time) return true;
        return present.unfinished == 0 &&
               present.delivered >= (present.published - present.failed) * each;
      },
      forever);
  const Nanoseconds last = total().last_delivery;
  if (last > begin) add_figure(step, total().delivered - before, last - begin);
}

void Run::hold() {
  enter_phase("holding", now() + plan_.duration);
  const Nanoseconds begin = now();
  const Nanoseconds cpu = watch_ ? watch_->cpu_time() : 0;
  wait([] { return false; }, begin + plan_.duration);
  if (!watch_ || now() == begin) return;
  // What the connects themselves took, such as buffers, has been given back by now.
  watch_->all_connected();
  result_.figures.push_back(
      {"idle-cpu", to_seconds(watch_->cpu_time() - cpu) / to_seconds(now() - begin), "cores"});
}

void Run::add_figure(const Step& step, std::uint64_t count, Nanoseconds time) {
  if (step.figure.empty() || time == 0) return;
  result_.figures.push_back(
      {step.figure, static_cast<double>(count) / to_seconds(time).count(), "/s"});
}

// --- the measured part -----------------------------------------------------------------------

void Run::begin_measuring() {
  if (std::exchange(measuring_, true)) return;
  busy_at_begin_.clear();
  for (const auto& thread : threads_) busy_at_begin_.push_back(thread->busy_time());
  own_at_begin_ = usage_of_this_process();
  measure_begin_ = now();
  time_line_.begin_measuring(measure_begin_);
  on_each_thread([](LoadThread& thread) { thread.begin_measuring(); });
  if (watch_) watch_->begin_measuring();
}

void Run::end_measuring() {
  if (!std::exchange(measuring_, false)) return;
  if (watch_) watch_->end_measuring();
  on_each_thread([](LoadThread& thread) { thread.end_measuring(); });
  const Nanoseconds measure_end = now();
  time_line_.end_measuring(measure_end);
  const Nanoseconds measured = measure_end - measure_begin_;
  result_.duration = to_seconds(measured);
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const Nanoseconds busy = threads_[i]->busy_time() - busy_at_begin_[i];
    const double share = static_cast<double>(busy) / static_cast<double>(measured);
    result_.busiest_thread = std::max(result_.busiest_thread, std::min(share, 1.0));
  }
  result_.generator = usage_since(own_at_begin_);
}

void Run::judge_generator() {
  if (!result_.generator_was_limit()) return;
  result_.limited_by_generator =
      fmt::format("the busiest load thread was busy for {:.0f} % of the time (--threads is {})",
                  result_.busiest_thread * 100, plan_.threads);
}

/// Whatever has happened: nobody sends any more, what is under way arrives, what was left at the
/// broker is removed, all disconnect.
void Run::end() {
  ending_ = true;
  end_measuring();
  on_each_thread([](LoadThread& thread) { thread.end_sending(now()); });
  send_what_was_due();
  result_.interrupted = interrupted_;
  if (result_.interrupted && error_.empty()) drain({});
  telling_slice_ = true;
  tell_slice(true);
  telling_slice_ = false;
  result_.intervals = time_line_.take();  // leave-taking is progress to show, and no load
  for (const Step& step : plan_.farewell) perform(step);
  for (std::size_t group = 0; group < plan_.groups.size(); ++group) {
    on_each_thread([&](LoadThread& thread) { thread.disconnect(group); });
  }
  wait([&] { return total().connected == 0; }, now() + farewell_limit);
  tick_.stop();
  for (const auto& thread : threads_) thread->stop();
  settle(plan_, threads_, result_);
  if (watch_) result_.broker = watch_->finish();
  judge_generator();
}

}  // namespace bench

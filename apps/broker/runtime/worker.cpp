#include "runtime/worker.h"

#include <algorithm>

namespace broker {
namespace {

constexpr std::uint64_t load_period_ns = 500'000'000;
/// A turn that takes longer than this leaves no time for anyone else.
constexpr std::uint64_t long_turn_ms = 100;

template <class Handle>
uv_handle_t* as_handle(Handle& handle) {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

template <class Handle>
Worker& owner(Handle* handle) {
  return *static_cast<Worker*>(handle->data);
}

}  // namespace

Worker::Worker(unsigned index, const Clock& clock)
    : index_(index), clock_(clock), timers_(clock.now_ms()) {
  uv_loop_t* uv = loop_.uv();
  uv_async_init(uv, &wake_, [](uv_async_t* handle) { owner(handle).open_mail(); });
  uv_timer_init(uv, &timer_);
  uv_prepare_init(uv, &before_poll_);
  uv_check_init(uv, &after_poll_);
  wake_.data = timer_.data = before_poll_.data = after_poll_.data = this;
  // What timers produced leaves before the loop may sleep, what input produced leaves right after
  // it.
  uv_prepare_start(&before_poll_, [](uv_prepare_t* handle) { owner(handle).before_poll(); });
  uv_check_start(&after_poll_, [](uv_check_t* handle) { owner(handle).after_poll(); });
}

Worker::~Worker() {
  stop();
  join();
  // A worker that never ran, or has ended, still owes its letters their destruction on one thread.
  uv_close(as_handle(wake_), nullptr);
  uv_close(as_handle(timer_), nullptr);
  uv_close(as_handle(before_poll_), nullptr);
  uv_close(as_handle(after_poll_), nullptr);
  loop_.run_once(false);
}

void Worker::start() {
  thread_ = std::thread([this] {
    runs_on_ = std::this_thread::get_id();
    loop_.run();
    runs_on_ = std::thread::id();
  });
}

void Worker::stop() {
  post(make_letter([this] { loop_.stop(); }));
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::post(std::unique_ptr<Letter> letter) {
  if (mailbox_.post(std::move(letter))) uv_async_send(&wake_);
}

void Worker::wake() {
  if (mailbox_.must_be_woken()) uv_async_send(&wake_);
}

/// Idle time is what the loop spends waiting for events; the rest is load. libuv could measure it,
/// but polls twice for that whenever it has to wait. Its own time is that of the end of the wait,
/// in whole milliseconds, which is as good over a period: where one wait seems too long, another
/// seems too short.
void Worker::before_poll() {
  end_turn();
  uv_update_time(loop_.uv());
  waits_since_ms_ = uv_now(loop_.uv());
  turn_began_ms_.store(0, std::memory_order_relaxed);
}

void Worker::after_poll() {
  note_turn();
  idle_ms_ += uv_now(loop_.uv()) - waits_since_ms_;
  end_turn();
  mail_work_ = 0;
}

void Worker::end_turn() {
  for (TurnEndTask* task : turn_end_tasks_) task->on_turn_end();
  arm_loop_timer();
  measure_load();
}

void Worker::fire_timers() {
  timer_armed_for_ = INT64_MAX;
  timers_.advance(clock_.now_ms());
}

void Worker::arm_loop_timer() {
  const std::int64_t wake_at = timers_.next_wake();
  if (wake_at == timer_armed_for_) return;
  timer_armed_for_ = wake_at;
  if (wake_at == INT64_MAX) {
    uv_timer_stop(&timer_);
    return;
  }
  const std::int64_t wait_ms = std::max<std::int64_t>(1, wake_at - clock_.now_ms());
  uv_update_time(loop_.uv());
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { owner(handle).fire_timers(); },
      static_cast<std::uint64_t>(wait_ms), 0);
}

/// A worker that sleeps does not measure, which `load` reads as idle.
void Worker::measure_load() {
  const std::uint64_t now_ns = uv_hrtime();
  const std::uint64_t elapsed = now_ns - measured_at_ns_;
  if (elapsed < load_period_ns) return;
  if (measured_at_ns_ != 0) {
    const double idle = static_cast<double>(idle_ms_) * 1e6 / static_cast<double>(elapsed);
    load_.store(static_cast<float>(std::max(0.0, 1.0 - idle)), std::memory_order_relaxed);
    load_measured_ns_.store(now_ns, std::memory_order_relaxed);
  }
  measured_at_ns_ = now_ns;
  idle_ms_ = 0;
}

double Worker::load() const {
  const std::uint64_t began = turn_began_ms_.load(std::memory_order_relaxed);
  if (began != 0 && uv_hrtime() / 1'000'000 > began + long_turn_ms) return 1.0;
  const std::uint64_t age = uv_hrtime() - load_measured_ns_.load(std::memory_order_relaxed);
  return age > 4 * load_period_ns ? 0.0
                                  : static_cast<double>(load_.load(std::memory_order_relaxed));
}

}  // namespace broker

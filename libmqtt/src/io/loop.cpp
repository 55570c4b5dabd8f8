#include "mqtt/io/loop.h"

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <string>

namespace mqtt::io {
namespace {

/// The maximum size of one read from a socket.
constexpr std::size_t read_buffer_size = 65'536;

void ignore_broken_pipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current {};
    if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
      std::signal(SIGPIPE, SIG_IGN);
    }
  });
}

void require(int result, const char* what) {
  if (result != 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(result));
}

}  // namespace

Loop::Loop() : read_buffer_(read_buffer_size) {
  ignore_broken_pipes();
  require(uv_loop_init(&loop_), "event loop");
  loop_.data = this;
  require(uv_idle_init(&loop_, &deferred_turn_), "event loop");
  deferred_turn_.data = this;
}

Loop::~Loop() {
  do {
    run_deferred();
    uv_walk(
        &loop_,
        [](uv_handle_t* handle, void*) {
          if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
        },
        nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
  } while (!deferred_.empty() || !costly_.empty() || uv_loop_close(&loop_) == UV_EBUSY);
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Loop::run_once(bool wait) {
  uv_run(&loop_, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void Loop::stop() {
  uv_stop(&loop_);
}

void Loop::defer(void (*call)(void* object), void* object) {
  deferred_.push_back({call, object});
  keep_turning();
}

void Loop::defer_costly(void (*call)(void* object), void* object) {
  costly_.push_back({call, object});
  keep_turning();
}

void Loop::keep_turning() {
  auto* turn = reinterpret_cast<uv_handle_t*>(&deferred_turn_);
  if (uv_is_closing(turn) != 0 || uv_is_active(turn) != 0) return;
  uv_idle_start(&deferred_turn_,
                [](uv_idle_t* idle) { static_cast<Loop*>(idle->data)->run_deferred(); });
}

void Loop::run_deferred() {
  // Calls deferred meanwhile run after the next poll, so that they cannot starve the sockets.
  running_.swap(deferred_);
  for (const DeferredCall& deferred : running_) deferred.call(deferred.object);
  running_.clear();
  run_costly();
  if (deferred_.empty() && costly_.empty()) uv_idle_stop(&deferred_turn_);
}

void Loop::run_costly() {
  using Clock = std::chrono::steady_clock;
  if (costly_.empty()) return;
  const auto end = Clock::now() + costly_time_;
  // Calls deferred meanwhile belong to the next turn.
  for (std::size_t left = costly_.size(); left != 0; --left) {
    const DeferredCall first = costly_.front();
    costly_.pop_front();
    first.call(first.object);
    if (Clock::now() >= end) return;
  }
}

}  // namespace mqtt::io

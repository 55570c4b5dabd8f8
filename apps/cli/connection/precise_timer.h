#pragma once

#include <uv.h>

#include <chrono>
#include <functional>

#include "cli/input/loop_handle.h"
#include "mqtt/io/loop.h"

namespace cli {

/// Calls back at a moment, to some ten microseconds; the loop's own timers know whole milliseconds
/// only. One loop, its thread.
class PreciseTimer {
 public:
  PreciseTimer(mqtt::io::Loop& loop, std::function<void()> callback);
  ~PreciseTimer();
  PreciseTimer(const PreciseTimer&) = delete;
  PreciseTimer& operator=(const PreciseTimer&) = delete;

  /// Once, after `delay`; at once if that is not above zero. Replaces an earlier start.
  void start(std::chrono::nanoseconds delay);
  void stop();

 private:
  void on_due();

  std::function<void()> callback_;
  int fd_;
  bool is_settled_ = true;  ///< set or stopped since it has fired
  LoopHandle<uv_poll_t> poll_;
};

}  // namespace cli

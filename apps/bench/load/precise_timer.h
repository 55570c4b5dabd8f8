#pragma once

#include <uv.h>

#include <functional>

#include "bench/load/clock.h"
#include "cli/loop_handle.h"
#include "mqtt/io/loop.h"

namespace bench {

/// Calls back at a moment, to some ten microseconds; the loop's own timers know whole milliseconds
/// only. One loop, its thread.
class PreciseTimer {
 public:
  PreciseTimer(mqtt::io::Loop& loop, std::function<void()> callback);
  ~PreciseTimer();
  PreciseTimer(const PreciseTimer&) = delete;
  PreciseTimer& operator=(const PreciseTimer&) = delete;

  /// Once at `time`, as `now` counts; what is over already is due at once. Replaces an earlier
  /// moment.
  void start(Nanoseconds time);
  void stop();

 private:
  void on_due();

  std::function<void()> callback_;
  int fd_;
  bool is_settled_ = true;  ///< set or stopped since it has fired
  cli::LoopHandle<uv_poll_t> poll_;
};

}  // namespace bench

#pragma once

#include <chrono>
#include <cstdint>

namespace broker {

/// The source of time. Passed in, so that tests can control it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since some fixed point; never decreases. Any thread.
  virtual std::int64_t now_ms() const = 0;
  /// Seconds since 1970. Any thread.
  virtual std::int64_t wall_seconds() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
  std::int64_t wall_seconds() const override {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  }
};

}  // namespace broker

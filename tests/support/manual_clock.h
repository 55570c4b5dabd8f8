#pragma once

#include <atomic>
#include <chrono>

#include "runtime/clock.h"

namespace test {

/// A clock that goes on only when it is told to. Any thread.
class ManualClock final : public broker::Clock {
 public:
  std::int64_t now_ms() const override { return now_ms_.load(); }
  std::int64_t wall_seconds() const override { return 1'700'000'000 + now_ms_.load() / 1000; }
  void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_{1'000'000};
};

}  // namespace test

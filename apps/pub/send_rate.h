#pragma once

#include <chrono>

namespace pub {

/// The schedule of messages sent at a rate: pure arithmetic. They are spread evenly. Delays caused
/// by a slow broker or a timer are made up only up to `slack`, so that no burst follows a pause.
class SendPace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds slack{100};

  explicit SendPace(double per_second);

  /// The time until the next message is due; zero: now.
  std::chrono::nanoseconds wait(Time now) const;
  /// A message was sent.
  void sent(Time now);

 private:
  std::chrono::nanoseconds interval_;
  Time next_{};
};

}  // namespace pub

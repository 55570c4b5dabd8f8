#pragma once

#include <chrono>

namespace pub {

/// The timetable of messages that are sent at a rate: pure arithmetic. They are spread evenly; what
/// a slow broker or a timer holds up is made good only as far as `slack`, so that a pause is not
/// followed by a flood.
class SendPace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds slack{100};

  explicit SendPace(double per_second);

  /// How long until the next message is due; zero: it is.
  std::chrono::nanoseconds wait(Time now) const;
  /// A message was sent.
  void sent(Time now);

 private:
  std::chrono::nanoseconds interval_;
  Time next_{};
};

}  // namespace pub

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace pub {

/// Messages per second, out of "10", "2.5k", "10/s", "600/min" or "3600/h"; more than 0.
tl::expected<double, std::string> parse_send_rate(std::string_view text);

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

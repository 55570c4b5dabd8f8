#pragma once

#include <cstdint>
#include <string_view>

#include "log/log_settings.h"

namespace broker {

class Log;

/// Limits lines that untrusted peers can cause: `burst` at once, then one per
/// `refill_ms`. Belongs to one worker.
class LineRate {
 public:
  LineRate() : LineRate(10, 1000) {}
  LineRate(unsigned burst, std::int64_t refill_ms)
      : burst_(burst), refill_ms_(refill_ms), lines_left_(burst) {}

  /// Whether a line of `type` may be written to `log` now. If some were omitted since the last one,
  /// writes how many `kind` (a plural, such as "denials") that was. What the log does not want
  /// anyway is not counted as omitted.
  bool may_write(Log& log, LogType type, std::int64_t now_ms, std::string_view kind);

  /// Whether a line may be written now; if not, it is counted as omitted. The clock must not
  /// decrease.
  bool allows(std::int64_t now_ms);
  /// How many lines have been omitted since the last call.
  std::uint64_t take_left_out();

 private:
  unsigned burst_;
  std::int64_t refill_ms_;
  std::int64_t refilled_at_ms_ = 0;
  unsigned lines_left_;
  std::uint64_t left_out_ = 0;
};

}  // namespace broker

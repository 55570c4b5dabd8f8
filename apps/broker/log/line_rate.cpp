#include "log/line_rate.h"

#include <algorithm>
#include <utility>

#include "log/log.h"

namespace broker {

bool LineRate::may_write(Log& log, LogType type, std::int64_t now_ms, std::string_view kind) {
  if (!log.wants(type) || !allows(now_ms)) return false;
  if (const std::uint64_t left_out = take_left_out(); left_out != 0) {
    log.write(type, "{} more {} were not logged.", left_out, kind);
  }
  return true;
}

bool LineRate::allows(std::int64_t now_ms) {
  const std::int64_t due = (now_ms - refilled_at_ms_) / refill_ms_;
  if (due > 0) {
    lines_left_ = static_cast<unsigned>(std::min<std::int64_t>(burst_, lines_left_ + due));
    refilled_at_ms_ = now_ms;
  }
  if (lines_left_ == 0) {
    ++left_out_;
    return false;
  }
  --lines_left_;
  return true;
}

std::uint64_t LineRate::take_left_out() {
  return std::exchange(left_out_, 0);
}

}  // namespace broker

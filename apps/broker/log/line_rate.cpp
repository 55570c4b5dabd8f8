#include "log/line_rate.h"

#include <algorithm>
#include <utility>

namespace broker {

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

#include "cli/connection/precise_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace cli {

PreciseTimer::PreciseTimer(mqtt::io::Loop& loop, std::function<void()> callback)
    : callback_(std::move(callback)),
      fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  auto poll = std::make_unique<uv_poll_t>();
  uv_poll_init(loop.uv(), poll.get(), fd_);
  poll->data = this;
  poll_.reset(poll.release());
  uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
    static_cast<PreciseTimer*>(handle->data)->on_due();
  });
}

PreciseTimer::~PreciseTimer() {
  uv_poll_stop(poll_.get());
  ::close(fd_);
}

void PreciseTimer::start(std::chrono::nanoseconds delay) {
  const auto wait = std::max(delay, std::chrono::nanoseconds(1));  // 0 would stop the timer
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  itimerspec setting{};
  setting.it_value.tv_sec = static_cast<time_t>(seconds.count());
  setting.it_value.tv_nsec = static_cast<long>((wait - seconds).count());
  ::timerfd_settime(fd_, 0, &setting, nullptr);
  is_settled_ = true;
}

void PreciseTimer::stop() {
  is_settled_ = true;
  const itimerspec never{};
  ::timerfd_settime(fd_, 0, &never, nullptr);
}

/// A timer that has fired can be read until it is set again: mostly the callback does that, and
/// saves us the reading.
void PreciseTimer::on_due() {
  is_settled_ = false;
  callback_();
  if (!is_settled_) stop();
}

}  // namespace cli

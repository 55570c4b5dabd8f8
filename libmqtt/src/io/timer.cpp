#include "mqtt/io/timer.h"

#include <uv.h>

#include <algorithm>
#include <utility>

#include "mqtt/io/loop.h"

namespace mqtt::io {

struct Timer::Handle {
  uv_timer_t uv{};
  std::function<void()> callback;
};

Timer::Timer(Loop& loop, std::function<void()> callback) : handle_(new Handle) {
  handle_->callback = std::move(callback);
  uv_timer_init(loop.uv(), &handle_->uv);
  handle_->uv.data = handle_;
}

Timer::~Timer() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

void Timer::start(std::chrono::milliseconds delay, std::chrono::milliseconds interval) {
  const auto as_ms = [](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::chrono::milliseconds::rep>(time.count(), 0));
  };
  uv_timer_start(
      &handle_->uv, [](uv_timer_t* timer) { static_cast<Handle*>(timer->data)->callback(); },
      as_ms(delay), as_ms(interval));
}

void Timer::stop() {
  uv_timer_stop(&handle_->uv);
}

bool Timer::is_active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&handle_->uv)) != 0;
}

}  // namespace mqtt::io

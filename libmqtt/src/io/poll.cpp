#include "poll.h"

#include <uv.h>

#include <utility>

#include "mqtt/io/loop.h"

namespace mqtt::io {

struct Poll::Handle {
  uv_poll_t uv{};
  std::function<void()> callback;
};

Poll::Poll(Loop& loop, int fd, std::function<void()> callback) : handle_(new Handle) {
  handle_->callback = std::move(callback);
  uv_poll_init(loop.uv(), &handle_->uv, fd);
  handle_->uv.data = handle_;
}

Poll::~Poll() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

void Poll::wait_readable() {
  wait(UV_READABLE);
}
void Poll::wait_writable() {
  wait(UV_WRITABLE);
}
void Poll::stop() {
  uv_poll_stop(&handle_->uv);
}

void Poll::wait(int events) {
  uv_poll_start(&handle_->uv, events,
                [](uv_poll_t* poll, int, int) { static_cast<Handle*>(poll->data)->callback(); });
}

}  // namespace mqtt::io

#include "cli/input_reader.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cli {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;

LoopHandle<uv_poll_t> make_poll(mqtt::io::Loop& loop, int descriptor, void* owner) {
  auto handle = std::make_unique<uv_poll_t>();
  if (uv_poll_init(loop.uv(), handle.get(), descriptor) != 0) return nullptr;
  handle->data = owner;
  return LoopHandle<uv_poll_t>(handle.release());
}

}  // namespace

InputReader::InputReader(mqtt::io::Loop& loop, int descriptor, std::function<void()> on_readable)
    : descriptor_(descriptor),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      on_readable_(std::move(on_readable)),
      buffer_(read_bytes, '\0') {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  // Regular files (and /dev/null) cannot be in an epoll set: EPERM.
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &wanted) == 0) {
    poll_ = make_poll(loop, epoll_, this);
  }
  if (!poll_) turn_ = make_loop_handle(loop, uv_idle_init, this);
}

InputReader::~InputReader() {
  poll_.reset();  // before its descriptor goes
  ::close(epoll_);
}

void InputReader::pause() {
  paused_ = true;
  if (poll_) uv_poll_stop(poll_.get());
  if (turn_) uv_idle_stop(turn_.get());
}

void InputReader::resume() {
  if (!paused_) return;
  paused_ = false;
  if (poll_) {
    uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
      static_cast<InputReader*>(handle->data)->on_readable_();
    });
  } else {
    uv_idle_start(turn_.get(), [](uv_idle_t* handle) {
      static_cast<InputReader*>(handle->data)->on_readable_();
    });
  }
}

std::string_view InputReader::read() {
  for (;;) {
    const ssize_t count = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (count >= 0) return {buffer_.data(), static_cast<std::size_t>(count)};
    if (errno == EINTR) continue;
    error_ = std::strerror(errno);
    return {};
  }
}

}  // namespace cli

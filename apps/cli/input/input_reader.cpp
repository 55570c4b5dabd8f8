#include "cli/input/input_reader.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cli {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;

}  // namespace

InputReader::InputReader(mqtt::io::Loop& loop, int descriptor, std::function<void()> on_readable)
    : descriptor_(descriptor),
      on_readable_(std::move(on_readable)),
      watch_(loop, descriptor, EPOLLIN, [this] { on_readable_(); }),
      turn_(make_loop_handle(loop, uv_idle_init, this)),
      buffer_(read_bytes, '\0') {}

void InputReader::pause() {
  paused_ = true;
  watch_.stop();
  uv_idle_stop(turn_.get());
}

void InputReader::resume() {
  if (!paused_) return;
  paused_ = false;
  if (watch_.can_wait()) return watch_.start();
  uv_idle_start(turn_.get(),
                [](uv_idle_t* handle) { static_cast<InputReader*>(handle->data)->on_readable_(); });
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

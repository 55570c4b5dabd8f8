#include "cli/input/descriptor_watch.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace cli {

DescriptorWatch::DescriptorWatch(mqtt::io::Loop& loop, int descriptor, std::uint32_t events,
                                 std::function<void()> on_event)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), on_event_(std::move(on_event)) {
  epoll_event wanted{};
  wanted.events = events;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &wanted) != 0) return;
  auto handle = std::make_unique<uv_poll_t>();
  if (uv_poll_init(loop.uv(), handle.get(), epoll_) != 0) return;
  handle->data = this;
  poll_.reset(handle.release());
}

DescriptorWatch::~DescriptorWatch() {
  poll_.reset();  // before its descriptor goes
  ::close(epoll_);
}

void DescriptorWatch::start() {
  if (!poll_) return;
  uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
    static_cast<DescriptorWatch*>(handle->data)->on_event_();
  });
}

void DescriptorWatch::stop() {
  if (poll_) uv_poll_stop(poll_.get());
}

}  // namespace cli

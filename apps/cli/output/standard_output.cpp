#include "cli/output/standard_output.h"

#include <sys/epoll.h>

#include <utility>

namespace cli {

StandardOutput::StandardOutput(mqtt::io::Loop& loop, int descriptor)
    : writer_(descriptor),
      turn_(make_loop_handle(loop, uv_prepare_init, this)),
      room_(loop, descriptor, EPOLLOUT, [] {}),  // the turn that it causes is enough
      reader_(loop, descriptor, 0, [this] { close(); }) {
  uv_prepare_start(turn_.get(), [](uv_prepare_t* handle) {
    static_cast<StandardOutput*>(handle->data)->write();
  });
}

void StandardOutput::set_events(Events events) {
  events_ = std::move(events);
  reader_.start();
}

void StandardOutput::write() {
  if (closed_) return;
  if (events_.before_write) events_.before_write();
  if (writer_.flush_ready() != OutputWriter::State::open) return close();
  const bool was_congested = std::exchange(congested_, writer_.waiting() > 0);
  if (congested_) {
    room_.start();
    if (!was_congested && events_.on_congested) events_.on_congested();
    return;
  }
  room_.stop();
  if (events_.on_written) events_.on_written();
}

void StandardOutput::close() {
  if (closed_) return;
  closed_ = true;
  room_.stop();
  reader_.stop();
  if (events_.on_closed) events_.on_closed();
}

}  // namespace cli

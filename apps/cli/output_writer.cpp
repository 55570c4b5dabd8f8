#include "cli/output_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace cli {

OutputWriter::State OutputWriter::flush() {
  std::string_view rest = state_ == State::open ? buffer_ : std::string_view();
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      wait_until_writable();
    } else if (errno != EINTR) {
      stop(errno);
      break;
    }
  }
  buffer_.clear();
  if (buffer_.capacity() > kept_bytes) buffer_.shrink_to_fit();
  return state_;
}

void OutputWriter::wait_until_writable() const {
  pollfd wanted{descriptor_, POLLOUT, 0};
  ::poll(&wanted, 1, -1);
}

void OutputWriter::stop(int error_number) {
  state_ = error_number == EPIPE ? State::closed_by_reader : State::failed;
  error_ = std::strerror(error_number);
}

}  // namespace cli

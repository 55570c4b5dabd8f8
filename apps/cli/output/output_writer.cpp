#include "cli/output/output_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <limits>

namespace cli {

namespace {

/// A pipe that is writable has room for this many bytes; a file for any number.
std::size_t writable_bytes(int descriptor) {
  struct stat status {};
  const bool is_file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return is_file ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
}

}  // namespace

OutputWriter::OutputWriter(int descriptor)
    : descriptor_(descriptor), most_at_once_(writable_bytes(descriptor)) {}

OutputWriter::State OutputWriter::flush_ready() {
  while (state_ == State::open && waiting() > 0 && is_writable(0)) write_some();
  return state_;
}

OutputWriter::State OutputWriter::flush() {
  while (state_ == State::open && waiting() > 0) {
    is_writable(-1);
    write_some();
  }
  return state_;
}

bool OutputWriter::is_writable(int timeout_ms) const {
  pollfd wanted{descriptor_, POLLOUT, 0};
  // A reader that is gone counts as writable: the write then says so.
  return ::poll(&wanted, 1, timeout_ms) > 0;
}

void OutputWriter::write_some() {
  const std::size_t size = std::min(waiting(), most_at_once_);
  const ssize_t count = ::write(descriptor_, buffer_.data() + written_, size);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) stop(errno);
    return;
  }
  written_ += static_cast<std::size_t>(count);
  if (waiting() > 0) return;
  written_ = 0;
  buffer_.clear();
  if (buffer_.capacity() > kept_bytes) buffer_.shrink_to_fit();
}

void OutputWriter::stop(int error_number) {
  state_ = error_number == EPIPE ? State::closed_by_reader : State::failed;
  error_ = std::strerror(error_number);
  written_ = 0;
  buffer_.clear();
}

}  // namespace cli

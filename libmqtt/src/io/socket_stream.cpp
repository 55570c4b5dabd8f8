#include "mqtt/io/socket_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "buffer_cursor.h"
#include "connect_error.h"
#include "connector.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"

namespace mqtt::io {
namespace {

/// The number of buffers in one system call.
constexpr std::size_t gather_limit = 64;
/// The maximum number of reads to rescue data that a peer sent before its connection broke.
constexpr int rest_reads_limit = 128;

std::size_t size_of(std::span<const ByteView> buffers) {
  std::size_t size = 0;
  for (const ByteView& buffer : buffers) size += buffer.size();
  return size;
}

uv_buf_t as_uv(ByteView bytes) {
  // libuv's buffers are not const, since reads use the same type.
  return {const_cast<char*>(as_text(bytes).data()), bytes.size()};
}

iovec as_iovec(ByteView bytes) {
  return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

/// How much the kernel accepted, or a negative libuv error. Uses socket calls, which are shorter
/// paths through the kernel than libuv's file calls.
ssize_t send_now(int fd, std::span<iovec> buffers) {
  ssize_t result = 0;
  do {
    if (buffers.size() == 1) {
      result = ::send(fd, buffers[0].iov_base, buffers[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = buffers.data();
      message.msg_iovlen = buffers.size();
      result = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  } while (result < 0 && errno == EINTR);
  if (result >= 0) return result;
  return errno == EWOULDBLOCK || errno == ENOBUFS ? UV_EAGAIN : uv_translate_sys_error(errno);
}

}  // namespace

/// Rarely used state of a stream. Also belongs to libuv while a request in it is pending, so it is
/// freed only when none is, or with the stream.
struct SocketStream::Transit {
  std::unique_ptr<Connector> connector;

  uv_write_t write_request{};
  std::vector<std::uint8_t> sending;  // lent to libuv
  std::vector<std::uint8_t> waiting;  // goes next
  bool writable_owed = false;         // `write` took less than it was given

  uv_shutdown_t shutdown_request{};
  std::optional<Timer> deadline;
  std::size_t left_at_deadline = 0;
  bool shut_down = false;
  bool input_over = false;
};

SocketStream::SocketStream(Origin origin) : origin_(origin) {}
SocketStream::~SocketStream() = default;

void SocketStream::handle_made() {
  uv()->data = this;
  hold();
}

Loop& SocketStream::loop() const {
  return Loop::of(uv()->loop);
}

int SocketStream::fd() const {
  uv_os_fd_t fd = -1;
  return uv_fileno(reinterpret_cast<const uv_handle_t*>(uv()), &fd) == 0 ? fd : -1;
}

SocketStream::Transit& SocketStream::transit() {
  if (!transit_) transit_ = std::make_unique<Transit>();
  return *transit_;
}

// Beginning.

void SocketStream::set_connector(std::unique_ptr<Connector> connector) {
  transit().connector = std::move(connector);
}

void SocketStream::take(int fd_or_error) {
  error_ = static_cast<std::int16_t>(fd_or_error < 0 ? fd_or_error : open_handle(fd_or_error));
  if (error_ != 0 && fd_or_error >= 0) ::close(fd_or_error);
}

void SocketStream::start() {
  if (state_ != State::made) return;
  state_ = State::starting;
  if (origin_ == Origin::attached && error_ == 0) return announce();
  defer(loop());
}

void SocketStream::on_deferred() {
  if (error_ != 0) return read_rest_and_end(error_);
  if (state_ == State::finishing) return end(StreamEnd::Cause::finished, 0);
  if (state_ != State::starting) return;
  if (transit_ && transit_->connector) return transit_->connector->begin();
  announce();
}

void SocketStream::on_connected(int fd_or_error) {
  const Hold hold(*this);
  transit_.reset();
  take(fd_or_error);
  if (error_ != 0) return end(StreamEnd::Cause::error, error_);
  announce();
}

void SocketStream::announce() {
  state_ = State::open;
  if (origin_ != Origin::attached && handler() != nullptr) handler()->on_open();
  read_start();
}

// Reading.

/// The loop watches the socket until it is readable in a second turn, so a pause until the end of
/// the turn costs no system call.
void SocketStream::pause() {
  if (state_ == State::finishing) return;
  paused_ = true;
}

void SocketStream::resume() {
  if (state_ == State::finishing) return;
  paused_ = false;
  left_unread_ = false;
  read_start();
}

void SocketStream::read_start() {
  if (!wants_to_read() || reading_ || error_ != 0) return;
  const auto lend = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    const bool reads = static_cast<const SocketStream*>(handle->data)->wants_to_read();
    const MutableByteView bytes = reads ? Loop::of(handle->loop).read_buffer() : MutableByteView();
    *buffer = {reinterpret_cast<char*>(bytes.data()), bytes.size()};
  };
  const auto read = [](uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
    static_cast<SocketStream*>(stream->data)->on_read(length, buffer);
  };
  const int result = uv_read_start(uv(), lend, read);
  if (result != 0) return fail(result);
  reading_ = true;
}

bool SocketStream::wants_to_read() const {
  return state_ == State::finishing || (state_ == State::open && !paused_);
}

void SocketStream::read_stop() {
  if (reading_) uv_read_stop(uv());
  reading_ = false;
}

void SocketStream::on_read(ssize_t length, const uv_buf_t* buffer) {
  if (length == 0) return;
  if (length == UV_ENOBUFS) {  // what `lend` gave while paused
    if (left_unread_) read_stop();
    left_unread_ = true;
    return;
  }
  const Hold hold(*this);
  if (length > 0) {
    if (state_ != State::open || handler() == nullptr) return;
    return handler()->on_data(as_bytes({buffer->base, static_cast<std::size_t>(length)}));
  }
  read_stop();
  if (length != UV_EOF) return end(StreamEnd::Cause::error, static_cast<int>(length));
  if (state_ != State::finishing) return end(StreamEnd::Cause::closed_by_peer, 0);
  // The peer may have ended only its own side, and still wait for the last bytes.
  transit().input_over = true;
  if (transit().shut_down) end(StreamEnd::Cause::finished, 0);
}

void SocketStream::fail(int error) {
  if (state_ == State::ended || error_ != 0) return;
  error_ = static_cast<std::int16_t>(error);
  defer(loop());
}

/// A connection that breaks during a write may still have data that the peer sent before: a client
/// may publish and close without reading the answer.
void SocketStream::read_rest_and_end(int error) {
  const MutableByteView buffer = loop().read_buffer();
  for (int reads = 0; reads < rest_reads_limit; ++reads) {
    if (state_ != State::open || paused_ || handler() == nullptr) break;
    const ssize_t length = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length <= 0) break;
    handler()->on_data(buffer.first(static_cast<std::size_t>(length)));
  }
  end(StreamEnd::Cause::error, error);
}

void SocketStream::end(StreamEnd::Cause cause, int error) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  read_stop();
  if (transit_) transit_->deadline.reset();
  tell_end({cause, error == 0 ? std::string() : error_text(error)});
}

// Writing.

bool SocketStream::is_sending() const {
  return transit_ && !transit_->sending.empty();
}

std::size_t SocketStream::write(std::span<const ByteView> buffers) {
  if (state_ != State::open || error_ != 0) return 0;
  std::size_t taken = 0;
  if (!is_sending()) {
    const std::ptrdiff_t result = try_write(buffers);
    if (result < 0) {
      fail(static_cast<int>(result));
      return 0;
    }
    taken = static_cast<std::size_t>(result);
  }
  const std::size_t size = size_of(buffers);
  if (taken == size) return taken;
  taken += keep_for_sending(buffers, taken);
  if (taken < size) transit_->writable_owed = true;
  return taken;
}

/// How much the kernel accepted, or a negative libuv error.
std::ptrdiff_t SocketStream::try_write(std::span<const ByteView> buffers) {
  std::ptrdiff_t taken = 0;
  while (!buffers.empty()) {
    std::array<iovec, gather_limit> gathered;  // NOLINT(*-member-init)
    const auto now = buffers.first(std::min(buffers.size(), gather_limit));
    std::transform(now.begin(), now.end(), gathered.begin(), as_iovec);
    const ssize_t result = send_now(fd(), std::span(gathered.data(), now.size()));
    if (result == UV_EAGAIN) break;
    if (result < 0) return result;
    taken += result;
    if (static_cast<std::size_t>(result) < size_of(now)) break;
    buffers = buffers.subspan(now.size());
  }
  return taken;
}

/// Copies what the limit allows of the bytes after the first `skip`; how many.
std::size_t SocketStream::keep_for_sending(std::span<const ByteView> buffers, std::size_t skip) {
  Transit& out = transit();
  const std::size_t room = write_buffer_limit - out.sending.size() - out.waiting.size();
  std::size_t kept = 0;
  BufferCursor cursor(buffers);
  cursor.skip(skip);
  while (!cursor.is_at_end() && kept < room) {
    const ByteView part = cursor.take(room - kept);
    out.waiting.insert(out.waiting.end(), part.begin(), part.end());
    kept += part.size();
  }
  if (!is_sending() && kept != 0) send_waiting();
  return kept;
}

void SocketStream::send_waiting() {
  Transit& out = *transit_;
  out.sending = std::exchange(out.waiting, {});
  out.write_request.data = this;
  const uv_buf_t buffer = as_uv(out.sending);
  const auto sent = [](uv_write_t* request, int status) {
    static_cast<SocketStream*>(request->data)->on_sent(status);
  };
  const int result = uv_write(&out.write_request, uv(), &buffer, 1, sent);
  if (result != 0) fail(result);
}

void SocketStream::on_sent(int status) {
  if (status == UV_ECANCELED) return;  // closed meanwhile
  const Hold hold(*this);
  Transit& out = *transit_;
  if (status != 0) {
    if (error_ != 0) return;  // told already
    error_ = static_cast<std::int16_t>(status);
    return read_rest_and_end(error_);
  }
  out.sending.clear();
  if (!out.waiting.empty()) return send_waiting();
  if (state_ == State::finishing) return shut_down();
  const bool owed = out.writable_owed;
  transit_.reset();
  if (owed && state_ == State::open && handler() != nullptr) handler()->on_writable();
}

// Ending.

void SocketStream::finish() {
  if (state_ == State::finishing || state_ == State::ended || error_ != 0) return;
  const bool was_open = state_ == State::open;
  state_ = State::finishing;
  if (!was_open) {
    if (transit_) transit_->connector.reset();
    return defer(loop());
  }
  Transit& farewell = transit();
  farewell.left_at_deadline = uv_stream_get_write_queue_size(uv());
  farewell.deadline.emplace(loop(), [this] { on_deadline(); });
  farewell.deadline->start(loop().farewell_patience(), loop().farewell_patience());
  read_start();
  if (!is_sending()) shut_down();
}

void SocketStream::shut_down() {
  Transit& farewell = *transit_;
  farewell.shutdown_request.data = this;
  const auto done = [](uv_shutdown_t* request, int status) {
    static_cast<SocketStream*>(request->data)->on_shut_down(status);
  };
  const int result = uv_shutdown(&farewell.shutdown_request, uv(), done);
  if (result != 0) fail(result);
}

void SocketStream::on_shut_down(int status) {
  if (status == UV_ECANCELED) return;
  const Hold hold(*this);
  if (status != 0) return end(StreamEnd::Cause::error, status);
  transit_->shut_down = true;
  if (transit_->input_over) return end(StreamEnd::Cause::finished, 0);
  transit_->deadline->start(loop().end_patience());
}

void SocketStream::on_deadline() {
  const Hold hold(*this);
  const std::size_t left = uv_stream_get_write_queue_size(uv());
  const std::size_t left_before = std::exchange(transit_->left_at_deadline, left);
  if (left != 0 && left < left_before) return;  // slow, but alive
  if (left != 0) return end(StreamEnd::Cause::error, UV_ETIMEDOUT);
  end(StreamEnd::Cause::finished, 0);
}

std::unique_ptr<DetachedStream> SocketStream::detach() {
  if (state_ != State::open || error_ != 0 || is_sending()) return nullptr;
  const int copy = fcntl(fd(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return nullptr;
  state_ = State::ended;
  silence();
  close_handle();
  return make_detached(copy);
}

void SocketStream::abandon() {
  state_ = State::ended;
  if (transit_) {
    transit_->connector.reset();
    transit_->deadline.reset();
  }
  close_handle();
}

void SocketStream::close_handle() {
  auto* const handle = reinterpret_cast<uv_handle_t*>(uv());
  reading_ = false;
  if (uv_is_closing(handle) != 0) return;
  uv_close(handle, [](uv_handle_t* closed) {
    static_cast<SocketStream*>(reinterpret_cast<uv_stream_t*>(closed)->data)->release();
  });
}

}  // namespace mqtt::io

#include "mqtt/io/unix_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "detached_socket.h"
#include "mqtt/io/loop.h"
#include "unix_address.h"

namespace mqtt::io {
namespace {

/// A connected socket, or a negative libuv error.
int connect_to(const std::string& path) {
  const auto address = UnixAddress::of(path);
  if (!address) return UV_ENAMETOOLONG;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return uv_translate_sys_error(errno);
  int result = 0;
  do {
    result = connect(fd, address->get(), address->length());
  } while (result != 0 && errno == EINTR);
  if (result == 0) return fd;
  const int error = uv_translate_sys_error(errno);
  close(fd);
  return error;
}

using NameOf = int (*)(const uv_pipe_t*, char*, std::size_t*);

std::string path_of(NameOf name_of, const uv_pipe_t& handle) {
  std::array<char, 256> path{};
  std::size_t length = path.size();
  if (name_of(&handle, path.data(), &length) != 0) return {};
  return {path.data(), length};
}

}  // namespace

UnixStream::UnixStream(Loop& loop, Origin origin) : SocketStream(origin) {
  uv_pipe_init(loop.uv(), &handle_, 0);
  handle_made();
}

StreamPtr UnixStream::connect(Loop& loop, const std::string& path) {
  auto* const stream = new UnixStream(loop, Origin::connect);
  stream->take(connect_to(path));
  return StreamPtr(stream);
}

StreamPtr UnixStream::accept(Loop& loop, int fd) {
  auto* const stream = new UnixStream(loop, Origin::accepted);
  stream->take(fd);
  return StreamPtr(stream);
}

int UnixStream::open_handle(int fd) {
  return uv_pipe_open(&handle_, fd);
}

std::unique_ptr<DetachedStream> UnixStream::make_detached(int fd) {
  return std::make_unique<DetachedSocket>(fd, [](Loop& loop, int detached) {
    auto* const stream = new UnixStream(loop, Origin::attached);
    stream->take(detached);
    return StreamPtr(stream);
  });
}

Stream::Peer UnixStream::peer() const {
  // The connecting side has no path.
  std::string path = path_of(&uv_pipe_getpeername, handle_);
  if (path.empty()) path = path_of(&uv_pipe_getsockname, handle_);
  return {std::move(path), 0};
}

}  // namespace mqtt::io

#include "mqtt/io/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "connector.h"
#include "detached_socket.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/socket_address.h"

namespace mqtt::io {

TcpStream::TcpStream(Loop& loop, Origin origin) : SocketStream(origin) {
  uv_tcp_init(loop.uv(), &handle_);
  handle_made();
}

StreamPtr TcpStream::connect(Loop& loop, TcpTarget target, Options options) {
  auto* const stream = new TcpStream(loop, Origin::connect);
  stream->set_connector(std::make_unique<Connector>(
      loop, std::move(target), options.no_delay,
      [stream](int fd_or_error) { stream->on_connected(fd_or_error); }));
  return StreamPtr(stream);
}

StreamPtr TcpStream::accept(Loop& loop, int fd, Options options) {
  const int on = options.no_delay ? 1 : 0;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto* const stream = new TcpStream(loop, Origin::accepted);
  stream->take(fd);
  return StreamPtr(stream);
}

int TcpStream::open_handle(int fd) {
  return uv_tcp_open(&handle_, fd);
}

std::unique_ptr<DetachedStream> TcpStream::make_detached(int fd) {
  return std::make_unique<DetachedSocket>(fd, [](Loop& loop, int detached) {
    auto* const stream = new TcpStream(loop, Origin::attached);
    stream->take(detached);
    return StreamPtr(stream);
  });
}

Stream::Peer TcpStream::peer() const {
  const auto address = SocketAddress::of_peer(fd());
  if (!address) return {};
  return {address->address(), address->port()};
}

}  // namespace mqtt::io

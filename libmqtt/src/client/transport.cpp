// The one place where layers are stacked: a socket, then TLS, then WebSocket.
#include "mqtt/client/transport.h"

#include <utility>

#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/unix_stream.h"

namespace mqtt::client {
namespace {

io::StreamPtr socket_to(const Endpoint& endpoint, io::Loop& loop) {
  if (!endpoint.unix_path.empty()) return io::UnixStream::connect(loop, endpoint.unix_path);
  io::TcpTarget target;
  target.host = endpoint.host;
  target.port = endpoint.port;
  target.bind_address = endpoint.bind_address;
  return io::TcpStream::connect(loop, std::move(target), {endpoint.no_delay});
}

}  // namespace

Transport transport_to(Endpoint endpoint) {
  return
      [endpoint = std::move(endpoint)](io::Loop& loop) -> tl::expected<io::StreamPtr, std::string> {
        return socket_to(endpoint, loop);
      };
}

}  // namespace mqtt::client

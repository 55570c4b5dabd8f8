// The only code that stacks layers: a socket, a proxy behind it, then TLS, then WebSocket.
#include "mqtt/client/transport.h"

#include <utility>

#include "mqtt/io/socks5_stream.h"
#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/io/unix_stream.h"
#include "mqtt/io/websocket_stream.h"

namespace mqtt::client {
namespace {

io::StreamPtr socket_to(const Endpoint& endpoint, io::Loop& loop) {
  if (!endpoint.unix_path.empty()) return io::UnixStream::connect(loop, endpoint.unix_path);
  io::TcpTarget target;
  target.host = endpoint.proxy ? endpoint.proxy->host : endpoint.host;
  target.port = endpoint.proxy ? endpoint.proxy->port : endpoint.port;
  if (!endpoint.proxy) target.service = endpoint.service_lookup;
  target.bind_address = endpoint.bind_address;
  io::StreamPtr socket = io::TcpStream::connect(loop, std::move(target), {endpoint.no_delay});
  if (!endpoint.proxy) return socket;
  return io::Socks5Stream::client(
      loop, std::move(socket),
      {endpoint.host, endpoint.port, endpoint.proxy->user_name, endpoint.proxy->password});
}

io::StreamPtr tls_over(io::StreamPtr below, const Endpoint& endpoint, io::Loop& loop) {
  io::TlsStream::ClientOptions options;
  options.server_name = endpoint.tls_server_name.empty() ? endpoint.host : endpoint.tls_server_name;
  options.verify_name = endpoint.tls_verify_name;
  options.on_handshake = endpoint.on_tls_handshake;
  return io::TlsStream::client(loop, std::move(below), endpoint.tls, std::move(options));
}

/// RFC 9110 section 7.2: an IPv6 address in brackets, the port unless it is the scheme's own. That
/// of a service is not known yet.
std::string host_field(const Endpoint& endpoint) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  const std::uint16_t default_port = endpoint.tls ? 443 : 80;
  const bool has_port =
      endpoint.unix_path.empty() && !endpoint.service_lookup && endpoint.port != default_port;
  return has_port ? host + ":" + std::to_string(endpoint.port) : host;
}

io::StreamPtr web_socket_over(io::StreamPtr below, const Endpoint& endpoint, io::Loop& loop) {
  const Endpoint::WebSocket& web_socket = *endpoint.web_socket;
  io::WebSocketClientOptions options;
  options.host = web_socket.host_header.empty() ? host_field(endpoint) : web_socket.host_header;
  options.path = web_socket.path;
  options.fields = web_socket.headers;
  return io::WebSocketStream::client(loop, std::move(below), std::move(options));
}

}  // namespace

Transport transport_to(Endpoint endpoint) {
  return
      [endpoint = std::move(endpoint)](io::Loop& loop) -> tl::expected<io::StreamPtr, std::string> {
        io::StreamPtr stream = socket_to(endpoint, loop);
        if (endpoint.tls) stream = tls_over(std::move(stream), endpoint, loop);
        if (endpoint.web_socket) stream = web_socket_over(std::move(stream), endpoint, loop);
        return stream;
      };
}

}  // namespace mqtt::client

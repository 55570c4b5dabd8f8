#include "stacks.h"

#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/socks5_stream.h"
#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/io/unix_stream.h"
#include "mqtt/io/websocket_stream.h"
#include "proxy_client.h"
#include "socket_pair.h"
#include "socks5_server.h"
#include "support/memory_stream.h"
#include "tls_pair.h"

namespace mqtt::io::test {
namespace {

std::pair<StreamPtr, StreamPtr> over_tcp(Loop& loop) {
  const auto [client, server] = tcp_socket_pair();
  return {TcpStream::accept(loop, client), TcpStream::accept(loop, server)};
}

std::pair<StreamPtr, StreamPtr> over_unix(Loop& loop) {
  const auto [client, server] = unix_socket_pair();
  return {UnixStream::accept(loop, client), UnixStream::accept(loop, server)};
}

std::pair<StreamPtr, StreamPtr> in_memory(Loop& loop) {
  return MemoryStream::pair(loop);
}

using Streams = std::pair<StreamPtr, StreamPtr>;

Streams with_tls(Loop& loop, Streams below) {
  static const TlsPair tls;
  return {TlsStream::client(loop, std::move(below.first), tls.client, {"localhost", true, nullptr}),
          TlsStream::server(loop, std::move(below.second), tls.server)};
}

Streams with_websocket(Loop& loop, Streams below) {
  static const auto options = std::make_shared<const WebSocketServerOptions>();
  return {WebSocketStream::client(loop, std::move(below.first), {.host = "localhost"}),
          WebSocketStream::server(loop, std::move(below.second), options)};
}

Streams with_socks5(Loop& loop, Streams below) {
  return {Socks5Stream::client(loop, std::move(below.first), {"example.org", 1883, {}, {}}),
          Socks5Server::server(loop, std::move(below.second))};
}

Streams with_proxy_header(Loop& loop, Streams below) {
  const std::string header = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 1883\r\n";
  return {ProxyClient::client(loop, std::move(below.first), header),
          ProxyStream::server(loop, std::move(below.second), {ProxyVersion::v1, false, false})};
}

}  // namespace

const std::vector<Stack>& all_stacks() {
  static const std::vector<Stack> stacks = {
      {"tcp", over_tcp, true},
      {"unix", over_unix, true},
      {"tls over tcp", [](Loop& loop) { return with_tls(loop, over_tcp(loop)); }, true},
      {"websocket over tcp", [](Loop& loop) { return with_websocket(loop, over_tcp(loop)); }, true},
      {"websocket over unix", [](Loop& loop) { return with_websocket(loop, over_unix(loop)); },
       true},
      {"websocket over tls over tcp",
       [](Loop& loop) { return with_websocket(loop, with_tls(loop, over_tcp(loop))); }, true},
      {"tls over websocket over unix",
       [](Loop& loop) { return with_tls(loop, with_websocket(loop, over_unix(loop))); }, true},
      {"socks5 over tcp", [](Loop& loop) { return with_socks5(loop, over_tcp(loop)); }, true},
      {"tls over socks5 over tcp",
       [](Loop& loop) { return with_tls(loop, with_socks5(loop, over_tcp(loop))); }, true},
      {"proxy header over tcp", [](Loop& loop) { return with_proxy_header(loop, over_tcp(loop)); },
       true},
      {"websocket over tls over proxy header over unix",
       [](Loop& loop) {
         return with_websocket(loop, with_tls(loop, with_proxy_header(loop, over_unix(loop))));
       },
       true},
      {"memory", in_memory, false},
  };
  return stacks;
}

}  // namespace mqtt::io::test

#include "bench/load/reachable_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "mqtt/io/loop.h"
#include "mqtt/io/socket_address.h"
#include "mqtt/io/tcp_stream.h"

namespace bench {
namespace {

constexpr std::chrono::milliseconds connect_limit{5000};
constexpr std::chrono::milliseconds pause{50};

/// 0, or why nobody accepts a connection there.
int try_connect(const sockaddr* address, socklen_t length) {
  const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int error = ::connect(fd, address, length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd writable{fd, POLLOUT, 0};
    error = ETIMEDOUT;
    if (::poll(&writable, 1, static_cast<int>(connect_limit.count())) == 1) {
      socklen_t size = sizeof(error);
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  ::close(fd);
  return error;
}

using Found = tl::expected<mqtt::client::Endpoint, std::string>;

Found try_unix(const mqtt::client::Endpoint& endpoint) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (endpoint.unix_path.size() >= sizeof(address.sun_path)) {
    return tl::unexpected(fmt::format("{}: the path is too long", endpoint.unix_path));
  }
  std::copy(endpoint.unix_path.begin(), endpoint.unix_path.end(), address.sun_path);
  const int error = try_connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (error == 0) return endpoint;
  return tl::unexpected(fmt::format("{}: {}", endpoint.unix_path, std::strerror(error)));
}

Found try_host(mqtt::client::Endpoint endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
  if (failed != 0) {
    return tl::unexpected(fmt::format("{}: {}", endpoint.host, ::gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    error = try_connect(one->ai_addr, one->ai_addrlen);
    if (error != 0) continue;
    const mqtt::io::SocketAddress address(one->ai_addr, one->ai_addrlen);
    if (endpoint.tls_server_name.empty()) endpoint.tls_server_name = endpoint.host;
    if (endpoint.web_socket && endpoint.web_socket->host_header.empty()) {
      endpoint.web_socket->host_header = fmt::format("{}:{}", endpoint.host, endpoint.port);
    }
    endpoint.host = address.address();
    return endpoint;
  }
  return tl::unexpected(
      fmt::format("{}:{}: {}", endpoint.host, endpoint.port, std::strerror(error)));
}

/// Waits for one stream to open, and knows whom it leads to then.
class Dial final : mqtt::io::StreamHandler {
 public:
  Dial(mqtt::io::Loop& loop, mqtt::io::TcpTarget target)
      : loop_(loop), stream_(mqtt::io::TcpStream::connect(loop, std::move(target))) {
    stream_->set_handler(this);
    stream_->start();
  }
  /// The end that was reached, or why none was.
  tl::expected<mqtt::io::Stream::Peer, std::string> run() {
    loop_.run();
    return std::move(answer_);
  }

 private:
  void on_open() override {
    answer_ = stream_->peer();
    loop_.stop();
  }
  void on_data(mqtt::ByteView /*bytes*/) override {}
  void on_writable() override {}
  void on_end(const mqtt::io::StreamEnd& end) override {
    answer_ = tl::unexpected(end.text);
    loop_.stop();
  }

  mqtt::io::Loop& loop_;
  mqtt::io::StreamPtr stream_;
  tl::expected<mqtt::io::Stream::Peer, std::string> answer_;
};

/// One of the hosts that offer the service, for all connections.
Found try_service(mqtt::client::Endpoint endpoint) {
  mqtt::io::TcpTarget target;
  target.host = endpoint.host;
  target.service = endpoint.service_lookup;
  target.bind_address = endpoint.bind_address;
  mqtt::io::Loop loop;
  const auto peer = Dial(loop, std::move(target)).run();
  if (!peer) {
    return tl::unexpected(
        fmt::format("{}.{}: {}", endpoint.service_lookup->service, endpoint.host, peer.error()));
  }
  if (endpoint.tls_server_name.empty()) endpoint.tls_server_name = endpoint.host;
  if (endpoint.web_socket && endpoint.web_socket->host_header.empty()) {
    endpoint.web_socket->host_header = endpoint.host;
  }
  endpoint.service_lookup.reset();
  endpoint.host = peer->address;
  endpoint.port = peer->port;
  return endpoint;
}

Found try_endpoint(const mqtt::client::Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return try_unix(endpoint);
  return endpoint.service_lookup ? try_service(endpoint) : try_host(endpoint);
}

}  // namespace

Found reachable(mqtt::client::Endpoint endpoint, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    Found found = try_endpoint(endpoint);
    if (found || std::chrono::steady_clock::now() >= deadline) return found;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace bench

#include "socket_pair.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace mqtt::io::test {

std::pair<int, int> tcp_socket_pair() {
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  REQUIRE(bind(listening, generic, length) == 0);
  REQUIRE(listen(listening, 1) == 0);
  REQUIRE(getsockname(listening, generic, &length) == 0);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(client, generic, length) == 0);
  const int server = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  REQUIRE(server >= 0);
  close(listening);
  return {client, server};
}

std::pair<int, int> unix_socket_pair() {
  int ends[2] = {-1, -1};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {ends[0], ends[1]};
}

}  // namespace mqtt::io::test

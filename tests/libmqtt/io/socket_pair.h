#pragma once

#include <utility>

namespace mqtt::io::test {

/// Two ends of a TCP connection over loopback: client, server.
std::pair<int, int> tcp_socket_pair();
/// Two ends of a Unix stream connection.
std::pair<int, int> unix_socket_pair();

}  // namespace mqtt::io::test

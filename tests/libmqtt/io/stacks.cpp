#include "stacks.h"

#include "mqtt/io/tcp_stream.h"
#include "socket_pair.h"

namespace mqtt::io::test {
namespace {

std::pair<StreamPtr, StreamPtr> tcp(Loop& loop) {
  const auto [client, server] = tcp_socket_pair();
  return {TcpStream::accept(loop, client), TcpStream::accept(loop, server)};
}

}  // namespace

const std::vector<Stack>& all_stacks() {
  static const std::vector<Stack> stacks = {
      {"tcp", tcp},
  };
  return stacks;
}

}  // namespace mqtt::io::test

#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "side.h"

namespace mqtt::io::test {

/// A transport with the layers above it: how both sides of a connection are made.
struct Stack {
  std::string name;
  /// Two connected streams, not yet started: client and server.
  std::function<std::pair<StreamPtr, StreamPtr>(Loop& loop)> connect;
  bool can_detach = true;

  friend std::ostream& operator<<(std::ostream& out, const Stack& stack) {
    return out << stack.name;
  }
};

/// Every stack that the library offers, and the connection in memory that tests use.
const std::vector<Stack>& all_stacks();

/// Client and server on one loop, open.
struct Connection {
  Connection(Loop& loop, const Stack& stack) : Connection(stack.connect(loop)) {
    client.start();
    server.start();
    run_until(loop, [&] { return client.open && server.open; });
  }
  explicit Connection(std::pair<StreamPtr, StreamPtr> pair)
      : client(std::move(pair.first)), server(std::move(pair.second)) {}

  Side client;
  Side server;
};

}  // namespace mqtt::io::test

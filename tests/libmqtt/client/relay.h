#pragma once

#include <memory>
#include <vector>

#include "mqtt/io/loop.h"
#include "mqtt/io/stream.h"
#include "mqtt/io/tcp_listener.h"

namespace test {

/// Carries bytes between clients and a server on 127.0.0.1, and can fail as a network does.
class Relay {
 public:
  Relay(mqtt::io::Loop& loop, std::uint16_t server_port);
  ~Relay();

  std::uint16_t port() const { return listener_->port(); }

  /// From now on what the server says is lost.
  void swallow_answers() { swallows_answers_ = true; }
  /// How many bytes were swallowed.
  std::size_t swallowed() const { return swallowed_; }
  /// Ends all connections, and carries both ways again for those that come.
  void cut();

 private:
  class Pair;

  mqtt::io::Loop& loop_;
  std::uint16_t server_port_;
  std::unique_ptr<mqtt::io::TcpListener> listener_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  bool swallows_answers_ = false;
  std::size_t swallowed_ = 0;
};

}  // namespace test

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/io/socket_address.h"

namespace mqtt::io {

class Loop;

/// Resolves a name on libuv's thread pool. May be destroyed at any time; the answer is lost then.
class Resolver {
 public:
  /// At least one address, or a negative libuv error.
  using Answer = tl::expected<std::vector<SocketAddress>, int>;

  Resolver() = default;
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// One request at a time. A numeric address, or an error, is answered during the call.
  void resolve(Loop& loop, const std::string& host, std::uint16_t port,
               std::function<void(Answer)> on_answer);

 private:
  struct Request;
  /// Belongs to libuv until the answer.
  Request* request_ = nullptr;
};

}  // namespace mqtt::io

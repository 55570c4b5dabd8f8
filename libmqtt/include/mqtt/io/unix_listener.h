#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "mqtt/io/socket_listener.h"

namespace mqtt::io {

/// Listens on a Unix socket. Its destructor removes the file if it created it.
class UnixListener final : public SocketListener {
 public:
  using SocketListener::SocketListener;
  using Options = ListeningSocket::UnixOptions;

  /// See ListeningSocket::on_path.
  static tl::expected<std::unique_ptr<UnixListener>, std::string> listen(Loop& loop,
                                                                         const std::string& path,
                                                                         ListenerEvents events,
                                                                         const Options& options);
  static tl::expected<std::unique_ptr<UnixListener>, std::string> listen(Loop& loop,
                                                                         const std::string& path,
                                                                         ListenerEvents events) {
    return listen(loop, path, std::move(events), Options());
  }

  const std::string& path() const { return socket().path(); }
};

}  // namespace mqtt::io

#include "mqtt/io/unix_listener.h"

namespace mqtt::io {

tl::expected<std::unique_ptr<UnixListener>, std::string> UnixListener::listen(
    Loop& loop, const std::string& path, ListenerEvents events, const Options& options) {
  auto socket = ListeningSocket::on_path(path, options);
  if (!socket) return tl::unexpected(socket.error().text);
  return std::make_unique<UnixListener>(loop, std::move(*socket), std::move(events));
}

}  // namespace mqtt::io

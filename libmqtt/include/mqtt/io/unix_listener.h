#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "mqtt/io/socket_listener.h"

namespace mqtt::io {

/// Listens on a Unix socket, whose file it removes when it goes if it has made it.
class UnixListener final : public SocketListener {
 public:
  struct Options {
    int backlog = 1024;  ///< the kernel may lower it (net.core.somaxconn)
    mode_t mode = 0770;  ///< of the socket's file: who may write to it may connect
  };

  ~UnixListener();

  /// A socket that is left over at `path` gives way; any other file does not. An error is a text
  /// such as "address already in use".
  static tl::expected<std::unique_ptr<UnixListener>, std::string> listen(Loop& loop,
                                                                         const std::string& path,
                                                                         ListenerEvents events,
                                                                         const Options& options);
  static tl::expected<std::unique_ptr<UnixListener>, std::string> listen(Loop& loop,
                                                                         const std::string& path,
                                                                         ListenerEvents events) {
    return listen(loop, path, std::move(events), Options());
  }

  /// Takes over a socket that someone else has bound to `path` and made to listen. The file stays.
  static std::unique_ptr<UnixListener> adopt(Loop& loop, int fd, const std::string& path,
                                             ListenerEvents events);

  const std::string& path() const { return path_; }

 private:
  UnixListener(Loop& loop, int fd, ListenerEvents events, std::string path);
  void remember_file();

  std::string path_;
  /// Which file is ours: another may have taken its place by the end. 0: none.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace mqtt::io

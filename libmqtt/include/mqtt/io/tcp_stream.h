#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "mqtt/io/service_lookup.h"
#include "mqtt/io/socket_stream.h"

namespace mqtt::io {

/// The remote address, and optionally the local one.
struct TcpTarget {
  std::string host;  ///< a name or a numeric address
  std::uint16_t port = 0;
  std::string
      bind_address;  ///< the local address: a name or a numeric address; empty: the system chooses
  /// The time limit for one address while there are others left to try.
  std::chrono::milliseconds attempt_timeout{5000};
  /// Set: `host` is a domain, whose SRV records give hosts and ports; `port` is ignored. The hosts
  /// are tried in the order of RFC 2782.
  std::optional<ServiceLookup> service = {};
};

/// A TCP connection.
class TcpStream final : public SocketStream {
 public:
  struct Options {
    bool no_delay = true;  ///< TCP_NODELAY: small writes are sent immediately
  };

  /// After `start`: resolves the name and tries its addresses in turn (for a service: those of one
  /// host after the other). When all fail, the stream ends with the error of the last one.
  static StreamPtr connect(Loop& loop, TcpTarget target, Options options);
  static StreamPtr connect(Loop& loop, TcpTarget target) {
    return connect(loop, target, Options());
  }

  /// Takes over a connected socket, such as a listener's. Closes it in every case.
  static StreamPtr accept(Loop& loop, int fd, Options options);
  static StreamPtr accept(Loop& loop, int fd) { return accept(loop, fd, Options()); }

  Peer peer() const override;

 private:
  class Detached;

  TcpStream(Loop& loop, Origin origin);
  ~TcpStream() override = default;

  uv_stream_t* uv() override { return reinterpret_cast<uv_stream_t*>(&handle_); }
  int open_handle(int fd) override;
  std::unique_ptr<DetachedStream> make_detached(int fd) override;

  uv_tcp_t handle_{};
};

}  // namespace mqtt::io

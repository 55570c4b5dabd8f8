#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mqtt/io/socket_address.h"
#include "mqtt/io/tcp_stream.h"
#include "mqtt/io/timer.h"
#include "poll.h"
#include "resolver.h"
#include "service_resolver.h"

namespace mqtt::io {

/// One attempt to connect over TCP: resolves the names, then tries the addresses of one host after
/// the other. May be destroyed at any time, even during its answer; that ends the attempt.
class Connector {
 public:
  /// A connected socket, which the receiver now owns, or the negative libuv error of the last
  /// address tried.
  using Answer = std::function<void(int fd_or_error)>;

  Connector(Loop& loop, TcpTarget target, bool no_delay, Answer on_answer);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// May answer during the call.
  void begin();

 private:
  void find_hosts();
  void try_next_host();
  void try_next();
  bool is_last_chance() const;
  /// 0: pending; or the error.
  int try_address(const SocketAddress& address);
  int bind_for(const SocketAddress& address) const;
  void on_outcome();
  void give_up_address(int error);
  void close_attempt();
  void answer(int fd_or_error);

  Loop& loop_;
  TcpTarget target_;
  bool no_delay_;
  Answer on_answer_;
  Resolver resolver_;
  ServiceResolver service_resolver_;
  std::vector<SocketAddress> bind_addresses_;
  std::vector<SrvRecord> hosts_;  ///< of a service; otherwise the one that was asked for
  std::size_t next_host_ = 0;
  std::vector<SocketAddress> addresses_;  ///< of the host that is being tried
  std::size_t next_ = 0;
  int last_error_ = 0;
  int fd_ = -1;
  std::unique_ptr<Poll> outcome_;
  Timer patience_;
};

}  // namespace mqtt::io

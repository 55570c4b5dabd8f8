#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "log/line_rate.h"
#include "log/log.h"
#include "mqtt/io/stream.h"
#include "mqtt/protocol/packet.h"
#include "runtime/worker_context.h"

namespace broker {

/// The lines of the log about one connection: who came, who was let in or refused, what ended it.
/// Programs parse them: docs/log-lines.md has the table. Made where it is used.
class ConnectionLog {
 public:
  /// Of lines that strangers, and clients that break rules, can cause. One set per worker.
  struct Rates {
    LineRate refused_by_proxy_rules;
    LineRate refused_clients;
    LineRate violations;
  };
  struct Client {
    std::string address;
    std::uint16_t port = 0;
    std::string_view id;    ///< empty: not known yet, the address stands for it
    std::string_view user;  ///< empty: none
  };

  ConnectionLog(const WorkerContext& here, Rates& rates, const mqtt::io::Stream& stream,
                Client client)
      : here_(here), rates_(rates), stream_(stream), client_(std::move(client)) {}

  /// Behind a proxy it is not known yet who comes: no line.
  void accepted(std::uint16_t listener_port);
  /// And what its encryption is.
  void connected(const mqtt::Connect& connect);
  /// A CONNECT that was refused, and why.
  void refused(std::string_view why);
  /// The end. `reason`: in the words of `closing_reason`. `detail`: the rule that the client broke;
  /// empty: none.
  void disconnected(std::string_view reason, std::string_view detail);
  /// The same, of a connection to `listener` that may never have had a client: one whose PROXY
  /// header was not taken, or that was a proxy's health check.
  void ended(std::string_view listener, std::string_view reason, std::string_view detail);

 private:
  std::string_view id() const { return client_.id.empty() ? client_.address : client_.id; }
  LogFields fields(std::string_view reason = {}) const;
  bool may_write(LineRate& rate, std::string_view kind);
  void encryption();
  void violation(std::string_view reason, std::string_view detail);
  void not_taken(std::string_view listener, std::string_view reason, bool is_probe);

  const WorkerContext& here_;
  Rates& rates_;
  const mqtt::io::Stream& stream_;
  Client client_;
};

}  // namespace broker

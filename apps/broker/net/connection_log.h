#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "log/line_rate.h"
#include "log/log.h"
#include "message/message.h"
#include "mqtt/protocol/packet.h"

namespace broker {

/// The lines of the log about one connection: who came, who was let in or refused, what ended it.
/// Programs parse them: docs/log-lines.md has the table.
class ConnectionLog {
 public:
  struct Client {
    std::string address;
    std::uint16_t port = 0;
    std::string_view id;    ///< empty: not known yet, the address stands for it
    std::string_view user;  ///< empty: none
  };

  ConnectionLog(Log& log, Client client) : log_(log), client_(std::move(client)) {}

  void accepted(std::uint16_t listener_port);
  void connected(const mqtt::Connect& connect);
  void disconnected(std::string_view reason);
  /// A CONNECT that was refused, and why. At most at `rate`.
  void refused(std::string_view why, LineRate& rate, Millis now);
  /// A rule that the client broke. `reason`: in the words of `closing_reason`. At most at `rate`.
  void violation(std::string_view reason, std::string_view detail, LineRate& rate, Millis now);

 private:
  std::string_view id() const { return client_.id.empty() ? client_.address : client_.id; }
  LogFields fields(std::string_view reason = {}) const;

  Log& log_;
  Client client_;
};

}  // namespace broker

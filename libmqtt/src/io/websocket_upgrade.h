#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http_head.h"
#include "mqtt/io/websocket_stream.h"

namespace mqtt::io {

/// One side of the opening handshake of RFC 6455, section 4; exists until it is complete.
class WebSocketUpgrade {
 public:
  struct Verdict {
    std::string reply;                   ///< for the peer; may be empty
    std::string protocol;                ///< the sub-protocol, unless refused
    std::optional<std::string> refusal;  ///< why the connection does not come about
  };

  virtual ~WebSocketUpgrade() = default;
  WebSocketUpgrade(const WebSocketUpgrade&) = delete;
  WebSocketUpgrade& operator=(const WebSocketUpgrade&) = delete;

  HttpHead& head() { return head_; }

  /// What this side sends first; may be empty.
  virtual std::string opening() const = 0;
  /// Called with the complete head and this result, which is not `need_more`.
  Verdict judge(HttpHead::Outcome outcome) const;

 protected:
  WebSocketUpgrade(HttpHead::Kind kind, std::size_t head_size_limit)
      : head_(kind, head_size_limit) {}

  const HttpHead& head() const { return head_; }
  virtual Verdict judge_complete() const = 0;
  virtual Verdict judge_malformed() const = 0;
  virtual Verdict judge_too_long() const = 0;

 private:
  HttpHead head_;
};

std::unique_ptr<WebSocketUpgrade> server_upgrade(
    std::shared_ptr<const WebSocketServerOptions> options);
std::unique_ptr<WebSocketUpgrade> client_upgrade(WebSocketClientOptions options);

}  // namespace mqtt::io

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "access/enhanced_authentication.h"
#include "mqtt/protocol/frame_reader.h"
#include "session/session_core.h"

namespace broker {

class Connection;

/// Enhanced authentication on one connection (MQTT 5.0 section 4.12): the run that lets its client
/// in, and those that the client begins later. Lasts from CONNECT to the end of the connection, which
/// owns it, on its worker.
class Authentication {
 public:
  /// The outcome of a run: success or a refusal. Called once, maybe before `begin` returns.
  using Ended = std::function<void(AuthenticationExchange::Step)>;

  Authentication(Connection& connection, AuthenticationMethod& method, std::string name);

  const std::string& method() const { return name_; }
  /// A run begins, with the client's first data.
  void begin(const Credentials& credentials, std::string_view data, Ended ended);
  /// The client's AUTH: the next step of the run, or the beginning of another. The error breaks a
  /// rule.
  Checked<> on_auth(const mqtt::Auth& packet);
  /// The connection closes: an answer that still comes is not heard.
  void stop() { stopped_ = true; }

 private:
  void begin_again(std::string_view data);
  void step(std::string_view data);
  void on_step(AuthenticationExchange::Step step);
  void send(mqtt::ReasonCode reason, std::string_view data);

  Connection& connection_;
  AuthenticationMethod& method_;
  const std::string name_;
  /// Of the last run; kept after its end, since it is what calls.
  std::unique_ptr<AuthenticationExchange> exchange_;
  Ended ended_;
  bool running_ = false;
  bool stepping_ = false;  ///< within `step`
  bool answered_ = false;  ///< the last step
  bool stopped_ = false;
};

/// AUTH of a client, before and after it is let in.
void handle_auth(Connection& connection, const mqtt::Frame& frame);

}  // namespace broker

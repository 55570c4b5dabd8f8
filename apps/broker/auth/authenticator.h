#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/reason_code.h"

namespace broker {

class Worker;

/// What a CONNECT says about who is there. Views into the packet: valid until the answer.
struct Credentials {
  Worker& worker;  ///< who asks: an answer that comes later is given on its thread
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;
  std::string_view peer_address;
  bool vouched_for = false;  ///< `user_name` was proved by a certificate: it needs no password
  bool anonymous_allowed = false;  ///< the listener's rule
  std::uint16_t listener = 0;      ///< place in Config::listeners
};

/// Decides whether a client may connect. May answer at once or later (a hash to compute, a server
/// to ask), but always on the thread that asked, exactly once, unless the Request is destroyed
/// first.
class Authenticator {
 public:
  /// A question under way; destroying it withdraws the question. Giving the answer may destroy it:
  /// the last thing that it does.
  class Request {
   public:
    virtual ~Request() = default;
  };
  /// success, or the reason code of the refusal, and for the log alone why.
  struct Outcome {
    // NOLINTNEXTLINE(google-explicit-constructor): a reason code says enough where all is well
    Outcome(mqtt::ReasonCode code, std::string_view refused_because = {})
        : reason(code), why(refused_because) {}

    mqtt::ReasonCode reason;
    std::string_view why;  ///< static text, such as "no such user"; empty: the code says it
  };
  using Answer = std::function<void(Outcome)>;

  virtual ~Authenticator() = default;
  /// nullptr if the answer was given within the call.
  virtual std::unique_ptr<Request> authenticate(const Credentials& credentials, Answer answer) = 0;
};

}  // namespace broker

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

/// Why a client was not let in, for those who read the log. The client itself is told the reason
/// code alone.
enum class LoginFailure : std::uint8_t {
  none,
  anonymous,          ///< it gave no user name, and has to
  no_password_file,   ///< it gave one, and there is nothing to check it against
  unknown_user,       ///< no password file has the user
  no_password,        ///< the user has one, and it was not given
  wrong_password,     ///< it was not the right one
  changed_meanwhile,  ///< it was, but a reload has taken the user away or changed the password
  busy,               ///< too many logins wait
  no_memory           ///< the hash could not be computed
};

/// In the words of docs/log-lines.md; empty for `none`.
std::string_view to_text(LoginFailure failure);

/// The answer to a login. A reason code alone is one.
struct LoginVerdict {
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  LoginVerdict(mqtt::ReasonCode reason_code, LoginFailure why = LoginFailure::none)
      : reason(reason_code), failure(why) {}

  mqtt::ReasonCode reason;  ///< success, or that of the refusal
  LoginFailure failure;     ///< none: let in, or nothing more is known
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
  using Answer = std::function<void(LoginVerdict)>;

  virtual ~Authenticator() = default;
  /// nullptr if the answer was given within the call.
  virtual std::unique_ptr<Request> authenticate(const Credentials& credentials, Answer answer) = 0;
};

}  // namespace broker

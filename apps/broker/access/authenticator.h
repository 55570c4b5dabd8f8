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

/// The credentials in a CONNECT. Views into the packet: valid until the answer.
struct Credentials {
  Worker& worker;  ///< the asking worker: a later answer is given on its thread
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;
  std::string_view peer_address;
  bool vouched_for = false;  ///< `user_name` was proved by a certificate: it needs no password
  bool anonymous_allowed = false;  ///< the listener's rule
  std::uint16_t listener = 0;      ///< index in Config::listeners
};

/// Why a login was refused, for the log. The client gets only the reason code.
enum class LoginFailure : std::uint8_t {
  none,
  anonymous,          ///< no user name, but one is required
  no_password_file,   ///< a user name, but nothing to check it against
  unknown_user,       ///< the user is not in the password file
  no_password,        ///< the user has a password, but none was sent
  wrong_password,     ///< the password was wrong
  changed_meanwhile,  ///< it was correct, but a reload removed the user or changed the password
  busy,               ///< too many logins are waiting
  no_memory           ///< the hash could not be computed
};

/// As in docs/log-lines.md; empty for `none`.
std::string_view to_text(LoginFailure failure);

/// The answer to a login. Converts from a reason code.
struct LoginVerdict {
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  LoginVerdict(mqtt::ReasonCode reason_code, LoginFailure why = LoginFailure::none)
      : reason(reason_code), failure(why) {}

  mqtt::ReasonCode reason;  ///< success, or that of the refusal
  LoginFailure failure;     ///< none: accepted, or no details are known
};

/// Decides whether a client may connect. May answer immediately or later (after computing a hash or
/// asking a server), but always on the asking thread, and exactly once unless the Request is
/// destroyed first.
class Authenticator {
 public:
  /// A pending question; destroying it cancels the question. The answer may destroy it, so
  /// answering is the last thing that it does.
  class Request {
   public:
    virtual ~Request() = default;
  };
  using Answer = std::function<void(LoginVerdict)>;

  virtual ~Authenticator() = default;
  /// nullptr if the answer was given during the call.
  virtual std::unique_ptr<Request> authenticate(const Credentials& credentials, Answer answer) = 0;
};

}  // namespace broker

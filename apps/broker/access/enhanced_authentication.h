#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "access/authenticator.h"

namespace broker {

/// One run of an authentication method with one client (MQTT 5.0 section 4.12): the client's data
/// in, the method's next move out. Lives on the connection's worker; destroyed when the run is over
/// or the connection gone.
class AuthenticationExchange {
 public:
  struct Step {
    /// continue_authentication (send `data`, await the client's), success, or a refusal.
    mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized;
    std::string data;       ///< Authentication Data to send; empty: none
    std::string user_name;  ///< with success: who it is, for authorisation
  };
  using Answer = std::function<void(Step)>;

  virtual ~AuthenticationExchange() = default;
  /// Takes what the client sent and answers, at once or later, on the same thread.
  virtual void step(std::string_view client_data, Answer answer) = 0;
};

/// An authentication method by its name, such as "SCRAM-SHA-256".
class AuthenticationMethod {
 public:
  virtual ~AuthenticationMethod() = default;
  /// A new run; called for CONNECT and again for each re-authentication. Any worker's thread.
  virtual std::unique_ptr<AuthenticationExchange> begin(const Credentials& credentials) = 0;
};

/// The methods that this broker speaks. Filled before the workers start, read-only afterwards.
class AuthenticationMethods {
 public:
  void add(std::string name, std::unique_ptr<AuthenticationMethod> method) {
    methods_[std::move(name)] = std::move(method);
  }
  /// nullptr: nobody handles it (Bad authentication method).
  AuthenticationMethod* find(std::string_view name) const {
    const auto position = methods_.find(name);
    return position == methods_.end() ? nullptr : position->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<AuthenticationMethod>, std::less<>> methods_;
};

}  // namespace broker

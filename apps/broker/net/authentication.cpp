#include "net/authentication.h"

#include <utility>

#include "mqtt/protocol/decode.h"
#include "net/connection.h"

namespace broker {
namespace {

using mqtt::ReasonCode;

/// Of a client that was let in.
Credentials credentials_of(Connection& connection) {
  const Session& session = *connection.session();
  Credentials credentials{connection.worker(), session.client_id(), {}, {}, {}};
  if (const std::string_view user = session.core().user_name(); !user.empty())
    credentials.user_name = user;
  credentials.anonymous_allowed =
      connection.config().allows_anonymous(connection.listener_config());
  credentials.listener = connection.listener();
  return credentials;
}

/// The client wanted to authenticate again.
void finish_again(Connection& connection, const AuthenticationExchange::Step& step) {
  if (!mqtt::is_error(step.reason)) return;
  connection.lines().refused("re-authentication failed");
  connection.reject(step.reason, {});  // [MQTT-4.12.1-2]
}

}  // namespace

Authentication::Authentication(Connection& connection, AuthenticationMethod& method,
                               std::string name)
    : connection_(connection), method_(method), name_(std::move(name)) {}

void Authentication::begin(const Credentials& credentials, std::string_view data, Ended ended) {
  exchange_ = method_.begin(credentials);
  ended_ = std::move(ended);
  running_ = true;
  step(data);
}

void Authentication::begin_again(std::string_view data) {
  begin(credentials_of(connection_), data, [this](const AuthenticationExchange::Step& step) {
    if (!mqtt::is_error(step.reason)) send(ReasonCode::success, step.data);
    finish_again(connection_, step);
  });
}

Checked<> Authentication::on_auth(const mqtt::Auth& packet) {
  const auto method = packet.properties.text(mqtt::PropertyId::authentication_method);
  if (!method || *method != name_) {  // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
    return tl::unexpected(
        Violation{ReasonCode::protocol_error, "AUTH with another Authentication Method"});
  }
  const bool begins = packet.reason == ReasonCode::re_authenticate;
  if (begins == running_)
    return tl::unexpected(Violation{ReasonCode::protocol_error, "AUTH out of turn"});
  const std::string_view data =
      packet.properties.text(mqtt::PropertyId::authentication_data).value_or(std::string_view());
  begins ? begin_again(data) : step(data);
  return {};
}

/// The answer may come at once, within `step`, or later: the connection's input waits for it.
void Authentication::step(std::string_view data) {
  stepping_ = true;
  answered_ = false;
  exchange_->step(data, [this](AuthenticationExchange::Step step) { on_step(std::move(step)); });
  stepping_ = false;
  if (!answered_ && !stopped_) connection_.wait_for_answer();
}

void Authentication::on_step(AuthenticationExchange::Step step) {
  Connection& connection = connection_;
  const bool is_late = !stepping_;
  answered_ = true;
  if (stopped_) return;
  if (is_late) connection.stop_waiting();
  if (step.reason == ReasonCode::continue_authentication) {
    send(step.reason, step.data);  // [MQTT-4.12.0-2]
  } else {
    running_ = false;
    std::exchange(ended_, nullptr)(std::move(step));
  }
  if (is_late) connection.go_on();
}

void Authentication::send(ReasonCode reason, std::string_view data) {
  mqtt::PropertyList properties;
  properties.add(mqtt::PropertyId::authentication_method, name_);  // [MQTT-4.12.0-5]
  if (!data.empty()) properties.add(mqtt::PropertyId::authentication_data, data);
  if (connection_.packets_are_logged()) connection_.packet_log().sending_auth(reason, name_);
  connection_.send_packet(mqtt::Auth{reason, properties}, connection_.version());
}

void handle_auth(Connection& connection, const mqtt::Frame& frame) {
  const auto packet = mqtt::decode_auth(frame, connection.version());
  if (!packet) return connection.reject(packet.error());
  if (connection.packets_are_logged()) {
    connection.packet_log().received_auth(
        packet->reason, packet->properties.text(mqtt::PropertyId::authentication_method)
                            .value_or(std::string_view()));
  }
  Authentication* const authentication = connection.authentication();
  if (authentication == nullptr) {
    return connection.reject(ReasonCode::protocol_error,
                             "AUTH without Authentication Method in CONNECT");  // [MQTT-4.12.0-7]
  }
  if (const auto taken = authentication->on_auth(*packet); !taken)
    connection.reject(taken.error().reason, taken.error().detail);
}

}  // namespace broker

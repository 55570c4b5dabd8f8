#include "cli/connection/client_setup.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "cli/connection/connection_advice.h"
#include "cli/options/exit_code.h"

namespace cli {

namespace {

using mqtt::ReasonCode;
using Cause = mqtt::client::ConnectionEnd::Cause;

/// The words for the CONNACK return codes 1 to 5 of MQTT 3.x.
constexpr std::array<std::string_view, 6> return_code_texts{
    "accepted",           "unacceptable protocol version", "identifier rejected",
    "broker unavailable", "bad user name or password",     "not authorised",
};

FinalWord refused(const mqtt::client::ConnectionEnd& end, const ConnectionOptions& options) {
  if (!mqtt::is_v5(options.version)) {
    const std::uint8_t code = mqtt::connect_return_code(end.reason);
    return {code,
            fmt::format("Connection error: Connection Refused: {}\n", return_code_texts.at(code))};
  }
  return {static_cast<int>(end.reason),
          fmt::format("Connection error: {}\n",
                      reason_name(end.reason, mqtt::PacketType::connack, end.properties))};
}

mqtt::WillParameters will_parameters(const ConnectionOptions& options) {
  mqtt::WillParameters will;
  will.topic = *options.will.topic;
  will.payload = options.will.payload.value_or("");
  will.qos = options.will.qos;
  will.retain = options.will.retain;
  will.properties = options.properties.will;
  return will;
}

mqtt::client::Endpoint endpoint(const ConnectionOptions& options) {
  mqtt::client::Endpoint endpoint;
  if (options.is_unix_socket()) {
    endpoint.unix_path = options.host;
  } else {
    endpoint.host = options.host;
    endpoint.port = options.effective_port();
    if (options.service_lookup) endpoint.service_lookup = {service_name(options), name_server()};
  }
  endpoint.proxy = options.proxy;
  endpoint.bind_address = options.bind_address;
  endpoint.no_delay = options.no_delay;
  endpoint.tls = options.tls_context;
  endpoint.tls_verify_name = !options.tls.insecure;
  if (options.web_socket) endpoint.web_socket = mqtt::client::Endpoint::WebSocket{};
  return endpoint;
}

}  // namespace

mqtt::client::ClientOptions client_options(const ConnectionOptions& options) {
  mqtt::client::ClientOptions client;
  client.endpoint = endpoint(options);
  client.connect.version = options.version;
  client.connect.client_id = client_id_for(options);
  client.connect.clean_start = options.clean_start;
  client.connect.keep_alive_s = options.keep_alive_s;
  if (options.will.topic) client.connect.will = will_parameters(options);
  client.connect.user_name = options.user_name;
  client.connect.password = password_for(options);
  client.connect.properties = connect_properties(options);
  client.connect.send_window = options.max_in_flight;
  return client;
}

std::string broker_name(const ConnectionOptions& options) {
  if (options.is_unix_socket()) return options.host;
  if (options.service_lookup) return service_name(options) + "." + options.host;
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", options.host, is_ipv6 ? "]" : "",
                     options.effective_port());
}

namespace {

FinalWord word_without_advice(const mqtt::client::ConnectionEnd& end,
                              const ConnectionOptions& options, bool was_connected) {
  switch (end.cause) {
    case Cause::requested:
      return {};
    case Cause::refused:
      return refused(end, options);
    case Cause::by_server:
      return {status(ExitCode::connection_lost),
              fmt::format("Error: the broker ended the connection: {}\n",
                          reason_text(end.reason, mqtt::PacketType::disconnect, end.properties))};
    case Cause::protocol_error:
      return {status(ExitCode::protocol_error),
              fmt::format("Error: the broker broke the protocol: {}\n", end.text)};
    default:
      break;
  }
  if (was_connected) {
    return {status(ExitCode::connection_lost),
            fmt::format("Error: the connection was lost: {}\n", end.text)};
  }
  // The words of the TLS layer begin with its name; no other sign of it comes up here.
  const bool by_tls = options.uses_tls() && end.text.starts_with("TLS");
  const ExitCode code = by_tls                     ? ExitCode::tls_failure
                        : end.cause == Cause::lost ? ExitCode::connection_lost
                                                   : ExitCode::failure;
  return {
      status(code),
      fmt::format("Error: cannot connect to {}{}: {}\n", broker_name(options),
                  options.bind_address.empty() ? "" : " from " + options.bind_address, end.text)};
}

}  // namespace

FinalWord final_word(const mqtt::client::ConnectionEnd& end, const ConnectionOptions& options,
                     bool was_connected) {
  FinalWord word = word_without_advice(end, options, was_connected);
  const std::string advice = connection_advice(end, options, was_connected);
  if (!advice.empty()) word.message += advice + '\n';
  return word;
}

std::string reason_name(ReasonCode reason, mqtt::PacketType in, mqtt::Properties properties) {
  std::string text(mqtt::name(reason, in));
  if (const auto words = properties.text(mqtt::PropertyId::reason_string)) {
    text += fmt::format(" ({})", *words);
  }
  return text;
}

std::string reason_text(ReasonCode reason, mqtt::PacketType in, mqtt::Properties properties) {
  std::string text = reason_name(reason, in, properties);
  constexpr std::string_view as_in_the_standard = "Not authorized";
  if (text.starts_with(as_in_the_standard)) {
    text.replace(0, as_in_the_standard.size(), "Not authorised");
  }
  return text;
}

}  // namespace cli

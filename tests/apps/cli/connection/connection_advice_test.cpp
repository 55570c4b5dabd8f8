#include "cli/connection/connection_advice.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "cli/connection/client_setup.h"

using cli::ConnectionOptions;
using mqtt::ReasonCode;
using mqtt::client::ConnectionEnd;
using Cause = ConnectionEnd::Cause;

namespace {

ConnectionEnd end(Cause cause, std::string_view text, ReasonCode reason = ReasonCode::success) {
  ConnectionEnd end;
  end.cause = cause;
  end.text = text;
  end.reason = reason;
  return end;
}

/// What is advised after an attempt to connect.
std::string advice(const ConnectionOptions& options, std::string_view text) {
  return cli::connection_advice(end(Cause::lost, text), options, false);
}

std::string advice(const ConnectionOptions& options, ReasonCode reason) {
  return cli::connection_advice(end(Cause::refused, "", reason), options, false);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

ConnectionOptions with_tls() {
  ConnectionOptions options;
  options.tls.ca_file = "ca.pem";
  return options;
}

}  // namespace

// That the library really says these words, the class Advice of tests/apps/e2e/transport_test.py
// shows.
TEST_CASE("A port for something else is named with the options that fit it") {
  const ConnectionOptions plain;
  CHECK(contains(advice(plain, "the answer is TLS, not MQTT"), "--cafile"));
  CHECK(contains(advice(plain, "the answer is HTTP, not MQTT"), "--ws"));
  const std::string silent = advice(plain, "closed by the server before it answered CONNECT");
  CHECK(contains(silent, "--cafile"));
  CHECK(contains(silent, "--ws"));
  CHECK(contains(advice(with_tls(), "TLS: connection closed during the handshake"), "--no-tls"));
  ConnectionOptions web_socket;
  web_socket.web_socket = true;
  CHECK(contains(advice(web_socket, "WebSocket: connection closed during the handshake"), "--ws"));
  CHECK(contains(advice(plain, "connection reset by peer"), "--cafile"));
  CHECK(contains(advice(with_tls(), "connection reset by peer"), "--no-tls"));
  CHECK(contains(advice(web_socket, "connection reset by peer"), "--ws"));
}

TEST_CASE("A certificate that does not count is explained") {
  const auto about = [](std::string_view reason) {
    return advice(with_tls(), "TLS: certificate verify failed: " + std::string(reason));
  };
  CHECK(contains(about("self-signed certificate in certificate chain"), "--cafile"));
  CHECK(contains(about("hostname mismatch"), "--insecure"));
  CHECK(contains(about("IP address mismatch"), "--insecure"));
  CHECK(contains(about("certificate has expired"), "new certificate"));
  CHECK(contains(about("certificate is not yet valid"), "clock"));
  CHECK(contains(advice(with_tls(), "TLS: tlsv13 alert certificate required"), "--cert"));
}

TEST_CASE("A refusal is followed by what may be missing") {
  ConnectionOptions options;
  CHECK(contains(advice(options, ReasonCode::not_authorized), "-u NAME"));
  CHECK(contains(advice(options, ReasonCode::bad_user_name_or_password), "-u NAME"));
  options.user_name = "me";
  CHECK(contains(advice(options, ReasonCode::not_authorized), "password is wrong"));
  CHECK(contains(advice(options, ReasonCode::client_identifier_not_valid), "-i"));
  CHECK(contains(advice(options, ReasonCode::unsupported_protocol_version), "-V 5"));
  options.version = mqtt::ProtocolVersion::v5;
  CHECK(contains(advice(options, ReasonCode::unsupported_protocol_version), "-V 311"));
  CHECK(advice(options, ReasonCode::server_busy).empty());
}

TEST_CASE("After a loss only what is likely is said") {
  ConnectionOptions options;
  const auto after = [&](Cause cause, ReasonCode reason = ReasonCode::success) {
    return cli::connection_advice(end(cause, "closed by the server", reason), options, true);
  };
  CHECK(contains(after(Cause::by_server, ReasonCode::session_taken_over), "client identifier"));
  CHECK(contains(after(Cause::lost), "-V 5"));
  CHECK_FALSE(contains(after(Cause::lost), "same client identifier"));
  options.client_id = "me";
  CHECK(contains(after(Cause::lost), "same client identifier"));
  options.version = mqtt::ProtocolVersion::v5;
  CHECK(after(Cause::lost).empty());
  CHECK(after(Cause::requested).empty());
  CHECK(after(Cause::protocol_error).empty());
}

TEST_CASE("Reasons are spelled as the standard has them for scripts, and as we do in sentences") {
  const auto name = cli::reason_name(ReasonCode::not_authorized, mqtt::PacketType::connack, {});
  const auto text = cli::reason_text(ReasonCode::not_authorized, mqtt::PacketType::suback, {});
  CHECK(name == "Not authorized");
  CHECK(text == "Not authorised");
}

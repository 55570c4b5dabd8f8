#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <vector>

#include "support/certificates.h"
#include "tls_connection.h"
#include "tls_pair.h"

namespace mqtt::io::test {
namespace {

using mqtt::test::Authority;
using mqtt::test::Identity;

std::string error_of(TlsContext::Options options) {
  const auto made = TlsContext::make(std::move(options));
  return made ? "" : made.error().text();
}

const std::vector<std::uint8_t> secret = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

}  // namespace

TEST_CASE("a TLS context says what is wrong with its options", "[tls]") {
  TlsPair tls;
  TlsContext::Options options = tls.server_options();
  using Catch::Contains;
  using Catch::Equals;
  CHECK(error_of(options).empty());

  SECTION("a certificate file that is not there") {
    options.certificate_chain = {"/nonexistent/server.pem", ""};
    CHECK_THAT(error_of(options),
               Equals("cannot read the certificate \"/nonexistent/server.pem\": No such file or "
                      "directory"));
    CHECK(TlsContext::make(options).error().file_error == ENOENT);
  }
  SECTION("a certificate that is none") {
    options.certificate_chain = {"", "not PEM"};
    CHECK_THAT(error_of(options), Equals("certificate: holds no certificate"));
  }
  SECTION("a chain that is damaged behind the first certificate") {
    options.certificate_chain.text +=
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    CHECK_THAT(error_of(options), Contains("certificate: "));
  }
  SECTION("a key that belongs to another certificate") {
    options.private_key.text = tls.authority.issue("CN=other").key;
    CHECK_THAT(error_of(options), Equals("private key: is not the key of certificate"));
  }
  SECTION("certificate and key exchanged") {
    std::swap(options.certificate_chain, options.private_key);
    const auto certificate = TlsContext::make(options);
    REQUIRE_FALSE(certificate);
    CHECK(certificate.error().text() == "certificate: holds a private key and no certificate");
    CHECK(certificate.error().option == TlsError::Option::certificate_chain);
    CHECK(certificate.error().exchanged);
    options.certificate_chain = options.private_key;
    const auto key = TlsContext::make(options);
    REQUIRE_FALSE(key);
    CHECK(key.error().text() == "private key: holds a certificate and no private key");
    CHECK(key.error().exchanged);
  }
  SECTION("an encrypted key without its password") {
    options.private_key.text = mqtt::test::encrypted(tls.identity.key, "sesame");
    CHECK_THAT(error_of(options), Equals("private key: is encrypted with a password"));
    options.key_password = [] { return "wrong"; };
    CHECK_THAT(error_of(options), Contains("private key: "));
    options.key_password = [] { return "sesame"; };
    CHECK(error_of(options).empty());
  }
  SECTION("authorities that are none") {
    options.ca = {"", "not PEM"};
    CHECK_THAT(error_of(options), Equals("certificate authorities: holds no certificate"));
  }
  SECTION("a revocation list that is none") {
    options.revoked = {"/nonexistent/crl.pem", ""};
    CHECK_THAT(error_of(options), Contains("revocation list \"/nonexistent/crl.pem\""));
  }
  SECTION("ciphers that do not exist") {
    options.ciphers = "NO-SUCH-CIPHER";
    CHECK_THAT(error_of(options),
               Contains("cipher list \"NO-SUCH-CIPHER\"") && Contains("no cipher match"));
  }
  SECTION("TLS 1.3 cipher suites that do not exist") {
    options.ciphersuites = "TLS_NONE";
    CHECK_THAT(error_of(options), Contains("cipher suites \"TLS_NONE\""));
  }
  SECTION("an application protocol without a name") {
    options.alpn = {""};
    CHECK_THAT(error_of(options), Contains("ALPN"));
  }
}

TEST_CASE("a TLS context reads files as well as text", "[tls]") {
  TlsPair tls;
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("tls-test-" + std::to_string(getpid()) + ".pem");
  // One file with everything, as many servers have it.
  std::ofstream(path) << tls.identity.certificate << tls.identity.key;
  TlsContext::Options options;
  options.role = TlsContext::Role::server;
  options.certificate_chain.file = path;
  options.private_key.file = path;
  const auto server = context_of(options);
  std::filesystem::remove(path);

  Loop loop;
  Tls connection(loop, tls.client, server);
  connection.shake_hands();
  CHECK(connection.client.open);
}

TEST_CASE("TLS agrees on a version, a cipher and a protocol", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto server = tls.server_options();
  auto client = tls.client_options();

  SECTION("the newest by default") {
    Tls connection(loop, tls.client, tls.server);
    connection.shake_hands();
    REQUIRE(connection.server.open);
    CHECK(connection.server_tls->version() == "TLSv1.3");
    CHECK_FALSE(connection.server_tls->cipher().empty());
    CHECK(connection.server_tls->alpn().empty());
    CHECK_FALSE(connection.server_tls->peer_certificate());
    CHECK(connection.client_tls->peer_certificate()->common_name == "localhost");
  }
  SECTION("what both have in common") {
    client.max_version = TlsVersion::tls_1_2;
    client.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    server.alpn = {"x-amzn-mqtt-ca", "mqtt"};
    client.alpn = {"http/1.1", "mqtt"};
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.open);
    CHECK(connection.server_tls->version() == "TLSv1.2");
    CHECK(connection.server_tls->cipher() == "ECDHE-ECDSA-AES128-GCM-SHA256");
    CHECK(connection.server_tls->alpn() == "mqtt");
    CHECK(connection.client_tls->alpn() == "mqtt");
  }
  SECTION("on no protocol if there is none in common") {
    server.alpn = {"mqtt"};
    client.alpn = {"http/1.1"};
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.open);
    CHECK(connection.server_tls->alpn().empty());
  }
  SECTION("or fails on both sides if there is no version in common") {
    server.min_version = TlsVersion::tls_1_3;
    client.max_version = TlsVersion::tls_1_2;
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.is_over());
    CHECK(connection.server.end->cause == StreamEnd::Cause::protocol);
    CHECK(connection.server.end->text == "TLS: unsupported protocol");
    CHECK_THAT(connection.client.end->text, Catch::Contains("alert protocol version"));
  }
}

TEST_CASE("a client verifies the server", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto client = tls.client_options();
  auto server = tls.server_options();
  TlsStream::ClientOptions options{"localhost", true, nullptr};
  std::string refusal;

  SECTION("by name") {}
  SECTION("by address") {
    options.server_name = "127.0.0.1";
  }
  SECTION("and refuses another name") {
    options.server_name = "example.org";
    refusal = "hostname mismatch";
  }
  SECTION("and refuses another address") {
    options.server_name = "127.0.0.2";
    refusal = "IP address mismatch";
  }
  SECTION("of whatever name if asked so") {
    options.server_name = "example.org";
    options.verify_name = false;
  }
  SECTION("and refuses one whose authority it does not know") {
    client.ca.text = Authority("Another").certificate();
    options.verify_name = false;
    refusal = "unable to get local issuer certificate";
  }
  SECTION("not at all if asked so") {
    client.ca.text = Authority("Another").certificate();
    client.verify_peer = false;
  }
  SECTION("and refuses one that is out of date") {
    const Identity old = tls.authority.issue("CN=localhost", {"DNS:localhost", -60});
    server.certificate_chain.text = old.certificate;
    server.private_key.text = old.key;
    refusal = "certificate has expired";
    SECTION("unless asked not to mind") {
      client.ignore_dates = true;
      refusal = "";
    }
  }
  Tls connection(loop, context_of(client), context_of(server), options);
  connection.shake_hands();
  if (refusal.empty()) {
    CHECK(connection.client.open);
  } else {
    REQUIRE(connection.client.is_over());
    CHECK_FALSE(connection.client.open);
    CHECK(connection.client.end->cause == StreamEnd::Cause::protocol);
    CHECK_THAT(connection.client.end->text,
               Catch::Contains("certificate verify failed") && Catch::Contains(refusal));
    CHECK(connection.server.is_over());
  }
}

TEST_CASE("a server demands a client certificate", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto server = tls.server_options();
  server.ca.text = tls.authority.certificate();
  server.verify_peer = true;
  auto client = tls.client_options();
  client.max_version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
  std::string refusal;

  SECTION("and tells whom it names") {
    const Identity device = tls.authority.issue("C=DE/O=Ministry of Devices/CN=device, 1");
    client.certificate_chain.text = device.certificate;
    client.private_key.text = device.key;
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.open);
    const auto peer = connection.server_tls->peer_certificate();
    REQUIRE(peer);
    CHECK(peer->common_name == "device, 1");
    CHECK(peer->subject == "CN=device\\, 1,O=Ministry of Devices,C=DE");
    CHECK(connection.server_tls->peer_certificate_pem() == device.certificate);
    return;
  }
  SECTION("whose common name may be missing") {
    const Identity device = tls.authority.issue("O=Ministry of Devices");
    client.certificate_chain.text = device.certificate;
    client.private_key.text = device.key;
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.open);
    CHECK_FALSE(connection.server_tls->peer_certificate()->common_name);
    return;
  }
  SECTION("and refuses a client without one") {
    refusal = "peer did not return a certificate";
  }
  SECTION("and refuses one of another authority") {
    Authority other("Another");
    const Identity device = other.issue("CN=device");
    client.certificate_chain.text = device.certificate;
    client.private_key.text = device.key;
    refusal = "unable to get local issuer certificate";
  }
  SECTION("and refuses one that is revoked") {
    const Identity device = tls.authority.issue("CN=device");
    client.certificate_chain.text = device.certificate;
    client.private_key.text = device.key;
    server.revoked.text = tls.authority.revoke(device.certificate);
    refusal = "certificate revoked";
  }
  Tls connection(loop, context_of(client), context_of(server));
  connection.client.start();
  connection.server.start();
  run_until(loop, [&] { return connection.server.is_over() && connection.client.is_over(); });
  CHECK_FALSE(connection.server.open);
  CHECK(connection.server.end->cause == StreamEnd::Cause::protocol);
  CHECK_THAT(connection.server.end->text, Catch::Contains(refusal));
  CHECK_THAT(connection.client.end->text, Catch::Contains("alert"));
}

TEST_CASE("TLS works with pre-shared keys", "[tls]") {
  Loop loop;
  const TlsVersion version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
  TlsContext::Options server;
  server.role = TlsContext::Role::server;
  server.max_version = version;
  server.ciphers = "PSK";
  server.psk_hint = "home";
  server.psk_of_server = [](std::string_view identity) {
    return identity == "lamp" ? std::optional(secret) : std::nullopt;
  };
  TlsContext::Options client;
  client.max_version = version;
  client.ciphers = "PSK";
  TlsPsk own{"lamp", secret};
  std::string hint;
  client.psk_of_client = [&](std::string_view given) {
    hint = given;
    return std::optional(own);
  };

  SECTION("that both know") {
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    REQUIRE(connection.server.open);
    CHECK(connection.server_tls->psk_identity() == "lamp");
    CHECK(connection.client_tls->psk_identity() == "lamp");
    CHECK(hint == (version == TlsVersion::tls_1_2 ? "home" : ""));
    // A session without the identity must not be resumed.
    connection.server.send("hello");
    run_until(loop, [&] { return connection.client.received == "hello"; });
    if (version == TlsVersion::tls_1_3) CHECK(connection.client_tls->session() == nullptr);
  }
  SECTION("and refuses an identity that it does not know") {
    own.identity = "intruder";
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    CHECK(connection.server.is_over());
  }
  SECTION("and refuses another key") {
    own.key.back() = 0;
    Tls connection(loop, context_of(client), context_of(server));
    connection.shake_hands();
    CHECK(connection.server.is_over());
  }
}

TEST_CASE("a client resumes a session", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto server_options = tls.server_options();
  server_options.ca.text = tls.authority.certificate();
  server_options.verify_peer = true;
  auto client_options = tls.client_options();
  client_options.max_version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
  const Identity device = tls.authority.issue("CN=device");
  client_options.certificate_chain.text = device.certificate;
  client_options.private_key.text = device.key;
  const auto server = context_of(server_options);
  const auto client = context_of(client_options);

  TlsSession session;
  {
    Tls first(loop, client, server);
    first.shake_hands();
    first.server.send("hello");
    run_until(loop, [&] { return first.client.received == "hello"; });
    CHECK_FALSE(first.client_tls->is_resumed());
    session = first.client_tls->session();
    REQUIRE(session);
  }
  SECTION("and the server still knows whose certificate it was") {
    Tls second(loop, client, server, {"localhost", true, session});
    second.shake_hands();
    REQUIRE(second.server.open);
    CHECK(second.client_tls->is_resumed());
    CHECK(second.server_tls->is_resumed());
    CHECK(second.server_tls->peer_certificate()->common_name == "device");
  }
  SECTION("and begins a new one with a server that does not know it") {
    Tls second(loop, client, context_of(server_options), {"localhost", true, session});
    second.shake_hands();
    REQUIRE(second.server.open);
    CHECK_FALSE(second.client_tls->is_resumed());
  }
}

TEST_CASE("a TLS stream knows an orderly end from a cut one", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto [below_client, server_side] = MemoryStream::pair(loop);
  Stream* const below = below_client.get();
  Side client(
      TlsStream::client(loop, std::move(below_client), tls.client, {"localhost", true, nullptr}));
  Side server(TlsStream::server(loop, std::move(server_side), tls.server));
  client.start();

  SECTION("with close_notify") {
    server.start();
    run_until(loop, [&] { return client.open && server.open; });
    client.write("all");
    client.finish();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.received == "all");
    CHECK(server.end->cause == StreamEnd::Cause::closed_by_peer);
    CHECK(server.end->text.empty());
  }
  SECTION("without") {
    server.start();
    run_until(loop, [&] { return client.open && server.open; });
    client.write("not all");
    below->finish();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.received == "not all");
    CHECK(server.end->cause == StreamEnd::Cause::error);
    CHECK(server.end->text == "TLS: connection closed without close_notify");
  }
  SECTION("during the handshake") {
    run_ready(loop);
    below->finish();
    server.start();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.end->cause == StreamEnd::Cause::error);
    CHECK(server.end->text == "TLS: connection closed during the handshake");
  }
}

TEST_CASE("a TLS server is not impressed by something else", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto [client_side, server_side] = MemoryStream::pair(loop);
  Side client(std::move(client_side));
  Side server(TlsStream::server(loop, std::move(server_side), tls.server));
  client.start();
  server.start();
  run_until(loop, [&] { return client.open; });
  std::string reason;

  SECTION("such as a plain CONNECT") {
    client.write(std::string_view("\x10\x0c\0\4MQTT\4\2\0\0", 12));
    reason = "does not seem to speak TLS";
  }
  SECTION("such as HTTP") {
    client.write("GET / HTTP/1.1\r\n\r\n");
    reason = "http request";
  }
  SECTION("such as noise") {
    client.write(pattern(5000));
  }
  SECTION("such as the beginning of a ClientHello of 128 KiB, for which nothing is set aside") {
    client.write(std::string_view("\x16\x03\x01\x40\x00\x01\x02\x00\x00", 9));
    reason = "ClientHello is too long";
  }
  SECTION("the same byte by byte") {
    for (const char byte : std::string_view("\x16\x03\x01\x40\x00\x01\x02\x00\x00", 9)) {
      client.write(std::string_view(&byte, 1));
      loop.run_once(false);
    }
    reason = "ClientHello is too long";
  }
  SECTION("such as a record in which the length of the ClientHello cannot be seen") {
    client.write(std::string_view("\x16\x03\x01\x00\x01\x01", 6));
    reason = "ClientHello is too long";
  }
  run_until(loop, [&] { return server.is_over(); });
  CHECK_FALSE(server.open);
  CHECK(server.end->cause == StreamEnd::Cause::protocol);
  CHECK_FALSE(server.end->text == "TLS");
  CHECK_THAT(server.end->text, Catch::Contains(reason));
}

TEST_CASE("damage on the way is noticed", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto [below_client, server_side] = MemoryStream::pair(loop);
  Stream* const below = below_client.get();
  Side client(
      TlsStream::client(loop, std::move(below_client), tls.client, {"localhost", true, nullptr}));
  Side server(TlsStream::server(loop, std::move(server_side), tls.server));
  client.start();
  server.start();
  run_until(loop, [&] { return client.open && server.open; });
  // A record of application data that nobody with the key has written.
  below->write(as_bytes("\x17\x03\x03\x01\x01" + pattern(257)));
  run_until(loop, [&] { return server.is_over(); });
  CHECK(server.end->cause == StreamEnd::Cause::protocol);
  CHECK_THAT(server.end->text, Catch::Contains("bad record mac"));
  CHECK(server.received.empty());
}

TEST_CASE("a handshake survives any cut of its bytes", "[tls]") {
  TlsPair tls;
  Loop loop;
  auto [client_side, server_side] = MemoryStream::pair(loop, {64 * 1024, 1});
  Side client(
      TlsStream::client(loop, std::move(client_side), tls.client, {"localhost", true, nullptr}));
  Side server(TlsStream::server(loop, std::move(server_side), tls.server));
  client.start();
  server.start();
  run_until(loop, [&] { return client.open && server.open; });
  const std::string sent = pattern(40'000);
  client.send(sent);
  run_until(loop, [&] { return server.received_size == sent.size(); });
  CHECK((server.received == sent));
}

TEST_CASE("handshakes of many clients leave time for others", "[tls]") {
  constexpr std::size_t count = 12;
  TlsPair tls;
  Loop loop;
  loop.set_costly_time(std::chrono::nanoseconds(0));
  std::vector<std::unique_ptr<Tls>> connections;
  std::size_t opened = 0;
  std::size_t opened_before = 0;
  std::size_t most_in_a_turn = 0;
  for (std::size_t i = 0; i < count; ++i) {
    connections.push_back(std::make_unique<Tls>(loop, tls.client, tls.server));
    connections.back()->server.when_open = [&] { ++opened; };
    connections.back()->client.start();
    connections.back()->server.start();
  }

  SECTION("a turn has one step of one of them") {
    run_until(loop, [&] {
      most_in_a_turn = std::max(most_in_a_turn, opened - opened_before);
      opened_before = opened;
      return opened == count;
    });
    CHECK(most_in_a_turn == 1);
    for (const auto& connection : connections) {
      connection->client.send("after all");
      run_until(loop, [&] { return connection->server.received == "after all"; });
    }
  }
  SECTION("some may be given up while they wait") {
    for (std::size_t i = 0; i < count; i += 2) connections[i]->server.stream.reset();
    for (std::size_t i = 1; i < count; i += 4) connections[i]->server.finish();
    for (std::size_t i = 3; i < count; i += 4) connections[i]->client.stream.reset();
    run_until(loop, [&] {
      return std::all_of(connections.begin(), connections.end(), [](const auto& connection) {
        return !connection->server.stream || connection->server.is_over();
      });
    });
    CHECK(opened == 0);
  }
}

TEST_CASE("secrets are logged for those who ask", "[tls]") {
  TlsPair tls;
  Loop loop;
  std::vector<std::string> lines;
  auto options = tls.server_options();
  options.key_log = [&](std::string_view line) { lines.emplace_back(line); };
  Tls connection(loop, tls.client, context_of(options));
  connection.shake_hands();
  REQUIRE_FALSE(lines.empty());
  CHECK_THAT(lines.front(), Catch::Contains("SECRET ") || Catch::StartsWith("CLIENT_RANDOM "));
}

}  // namespace mqtt::io::test

// The client over each stack of layers against a server that the test plays; over TLS also
// Mosquitto. Mosquitto.
#include "mqtt/client/transport.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "libmqtt/client/fake_server.h"
#include "libmqtt/client/mosquitto.h"
#include "libmqtt/client/watched_client.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/io/websocket_stream.h"
#include "support/certificates.h"

namespace {

using namespace test;
using mqtt::client::ClientOptions;
using mqtt::client::Endpoint;
using mqtt::io::StreamPtr;
using mqtt::io::TlsContext;
using mqtt::io::TlsStream;
using mqtt::io::WebSocketStream;

/// A server called localhost, and a client that believes its authority.
struct Certified {
  mqtt::test::Authority authority;
  mqtt::test::Identity identity = authority.issue("CN=localhost", {"DNS:localhost", 3600});

  std::shared_ptr<const TlsContext> server() const {
    TlsContext::Options options;
    options.role = TlsContext::Role::server;
    options.certificate_chain.text = identity.certificate;
    options.private_key.text = identity.key;
    return TlsContext::make(options).value();
  }
  std::shared_ptr<const TlsContext> client() const {
    TlsContext::Options options;
    options.ca.text = authority.certificate();
    options.verify_peer = true;
    return TlsContext::make(options).value();
  }
};

struct Fixture : Certified {
  mqtt::io::Loop loop;
  FakeServer server{loop};
  ClientOptions options;

  Fixture() {
    options.endpoint.host = "localhost";
    options.endpoint.port = server.port();
    options.connect.client_id = "a";
  }

  void use_tls() {
    options.endpoint.tls = Certified::client();
    server.set_layers([this](StreamPtr below) -> StreamPtr {
      return TlsStream::server(loop, std::move(below), Certified::server());
    });
  }
  void use_web_socket() {
    options.endpoint.web_socket = Endpoint::WebSocket{};
    server.set_layers([this](StreamPtr below) -> StreamPtr {
      if (options.endpoint.tls) {
        below = TlsStream::server(loop, std::move(below), Certified::server());
      }
      return WebSocketStream::server(loop, std::move(below),
                                     std::make_shared<mqtt::io::WebSocketServerOptions>());
    });
  }
};

TEST_CASE_METHOD(Fixture, "A client speaks MQTT over each stack of layers") {
  SECTION("TCP") {}
  SECTION("TLS") {
    use_tls();
  }
  SECTION("WebSocket") {
    use_web_socket();
  }
  SECTION("WebSocket over TLS") {
    use_tls();
    use_web_socket();
  }
  WatchedClient watched(loop, options);
  watched.client->connect();
  server.accept();
  server.expect(connect("a").v5());
  server.send(connack());
  watched.see("connected");
  const std::string large = "large " + repeated(1'000'000);
  CHECK(watched.publish("t", large, 1).empty());
  server.expect(publish("t", large).qos(1).id(1));
  server.send(puback(1));
  watched.see("published large");
  server.send(publish("t", "x"));
  watched.see("message 't' 'x' QoS 0");
  watched.client->disconnect();
  server.expect(disconnect());
  server.expect_closed();
  watched.see("ended: requested");
}

TEST_CASE_METHOD(Fixture, "A client tells how long each TLS handshake took") {
  use_tls();
  std::vector<std::chrono::nanoseconds> handshakes;
  options.endpoint.on_tls_handshake = [&](std::chrono::nanoseconds time) {
    handshakes.push_back(time);
  };
  WatchedClient watched(loop, options);
  watched.client->connect();
  server.accept();
  server.expect(connect("a").v5());
  REQUIRE(handshakes.size() == 1);
  CHECK(handshakes.front() > std::chrono::nanoseconds(0));
}

TEST_CASE_METHOD(Fixture, "A client does not speak to a server that it does not believe") {
  use_tls();

  SECTION("because of its authority") {
    const mqtt::test::Authority other;
    TlsContext::Options trusting;
    trusting.ca.text = other.certificate();
    trusting.verify_peer = true;
    options.endpoint.tls = TlsContext::make(trusting).value();
    WatchedClient watched(loop, options);
    watched.client->connect();
    watched.see("ended: unreachable");
  }
  SECTION("because of its name") {
    options.endpoint.tls_server_name = "elsewhere";
    WatchedClient watched(loop, options);
    watched.client->connect();
    watched.see("ended: unreachable");
  }
  SECTION("unless the name does not matter") {
    options.endpoint.tls_server_name = "elsewhere";
    options.endpoint.tls_verify_name = false;
    WatchedClient watched(loop, options);
    watched.client->connect();
    server.welcome();
    watched.see("connected");
  }
}

TEST_CASE_METHOD(Fixture, "A client that finds another layer than its own is told that it failed") {
  SECTION("no WebSocket server") {
    options.endpoint.web_socket = Endpoint::WebSocket{};
    WatchedClient watched(loop, options);
    watched.client->connect();
    server.accept();
    server.send(mqtt::ByteView(hex("20 03 00 00 00")));
    watched.see("ended: unreachable");
  }
  SECTION("no TLS server") {
    options.endpoint.tls = Certified::client();
    WatchedClient watched(loop, options);
    watched.client->connect();
    server.accept();
    server.send(mqtt::ByteView(hex("20 03 00 00 00")));
    watched.see("ended: unreachable");
  }
}

TEST_CASE("A client speaks with Mosquitto over TLS") {
  if (!Mosquitto::is_installed()) {
    WARN("skipped: no mosquitto on this machine");
    return;
  }
  const Certified certified;
  const TemporaryFile certificate(certified.identity.certificate);
  const TemporaryFile key(certified.identity.key);
  const Mosquitto broker("certfile " + certificate.path() + "\nkeyfile " + key.path());
  ClientOptions options;
  options.endpoint.host = "localhost";
  options.endpoint.port = broker.port();
  options.endpoint.tls = certified.client();
  options.reconnect = mqtt::client::ReconnectPolicy{};
  options.reconnect->first_delay = std::chrono::milliseconds(10);
  options.reconnect->retry_first = true;
  mqtt::io::Loop loop;
  WatchedClient watched(loop, options);
  watched.client->connect();
  turn_until(loop, "a connection", [&] { return watched.client->connected(); });
  watched.forget();
  CHECK(watched.subscribe({"t"}, 2).empty());
  watched.see("subscribed 0x02");
  const std::string large = "large " + repeated(300'000);
  CHECK(watched.publish("t", large, 2).empty());
  watched.see_in_any_order({"published large", "message 't' '" + large + "' QoS 2"});
  watched.client->disconnect();
  watched.see("ended: requested");
}

}  // namespace

// The layer that reads the PROXY header: when it opens, what it says then, and how it ends
// otherwise.

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/socket_address.h"
#include "mqtt/io/tcp_stream.h"
#include "side.h"
#include "socket_pair.h"
#include "support/bytes_notation.h"
#include "support/memory_stream.h"

namespace mqtt::io::test {
namespace {

std::string bytes_of(const char* notation) {
  const auto bytes = BytesNotation::parse(notation);
  return {bytes.begin(), bytes.end()};
}

const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 1883\r\n";
const std::string block = bytes_of("0d0a0d0a000d0a515549540a 21 11 (c0000201 c6336402 dc04 075b)");
const std::string local = bytes_of("0d0a0d0a000d0a515549540a 20 00 ()");

std::string with_tls(const char* tls) {
  return bytes_of(
      ("0d0a0d0a000d0a515549540a 21 11 (c0000201 c6336402 dc04 075b 20 (" + std::string(tls) + "))")
          .c_str());
}

/// A server of the library, with raw bytes for a proxy.
struct RawProxy {
  explicit RawProxy(const ProxyRules& rules = {}) : RawProxy(MemoryStream::pair(loop()), rules) {}

  void send(const std::string& bytes) {
    raw.send(bytes);
    run_ready(loop());
  }
  void send_byte_by_byte(const std::string& bytes) {
    for (const char byte : bytes) send(std::string(1, byte));
  }
  const ProxyStream& stream() const { return *server.stream->proxy(); }
  std::string peer() const {
    const Stream::Peer peer = server.stream->peer();
    return peer.address + " " + std::to_string(peer.port);
  }
  /// How the server has ended; it has not opened.
  std::string end() {
    run_until(loop(), [&] { return raw.is_over() || server.is_over(); });
    raw.stream.reset();
    run_until(loop(), [&] { return server.is_over(); });
    CHECK_FALSE(server.open);
    CHECK(server.received.empty());
    return server.end->text;
  }

  static Loop& loop() {
    static Loop only;
    return only;
  }
  Side raw;
  Side server;

 private:
  RawProxy(std::pair<StreamPtr, StreamPtr> below, const ProxyRules& rules)
      : raw(std::move(below.first)),
        server(ProxyStream::server(loop(), std::move(below.second), rules)) {
    raw.start();
    server.start();
    run_until(loop(), [&] { return raw.open; });
  }
};

std::string end_after(const std::string& bytes, const ProxyRules& rules = {}) {
  RawProxy proxy(rules);
  proxy.send(bytes);
  return proxy.end();
}

constexpr ProxyRules first_version{ProxyVersion::v1, false, false};
constexpr ProxyRules tls_wanted{ProxyVersion::v2, true, false};
constexpr ProxyRules certificate_wanted{ProxyVersion::v2, false, true};

}  // namespace

TEST_CASE("A stream behind a proxy opens with the header and says who the client is", "[proxy]") {
  const auto version = GENERATE(ProxyVersion::v1, ProxyVersion::v2);
  RawProxy proxy({version, false, false});
  const std::string header = version == ProxyVersion::v1 ? line : block;
  CHECK(proxy.peer() == "memory 0");
  CHECK(proxy.stream().header() == nullptr);

  SECTION("in one piece") {
    proxy.send(header);
    CHECK(proxy.server.received.empty());
  }
  SECTION("byte by byte") {
    proxy.send_byte_by_byte(header.substr(0, header.size() - 1));
    CHECK_FALSE(proxy.server.open);
    CHECK(proxy.peer() == "memory 0");
    proxy.send(header.substr(header.size() - 1));
  }
  SECTION("with the first bytes of the client behind it") {
    proxy.send(header + "hello");
    CHECK(proxy.server.received == "hello");
  }
  SECTION("with a second header behind it, which is the client's affair") {
    proxy.send(header + header);
    CHECK(proxy.server.received == header);
  }
  REQUIRE(proxy.server.open);
  CHECK(proxy.peer() == "192.0.2.1 56324");
  proxy.server.received.clear();
  proxy.send("to the server");
  CHECK(proxy.server.received == "to the server");
  CHECK(proxy.server.write("to the client") == 13);
  run_ready(RawProxy::loop());
  CHECK(proxy.raw.received == "to the client");
  CHECK_FALSE(proxy.stream().is_probe());
}

TEST_CASE("A client that the proxy does not know has the proxy's address", "[proxy]") {
  RawProxy proxy(first_version);
  proxy.send("PROXY UNKNOWN\r\n");
  REQUIRE(proxy.server.open);
  CHECK(proxy.peer() == "memory 0");
  SECTION("it is a probe if nothing comes of it") {
    proxy.raw.finish();
    run_until(RawProxy::loop(), [&] { return proxy.server.is_over(); });
    CHECK(proxy.stream().is_probe());
  }
  SECTION("it is a client if it says something") {
    proxy.send("x");
    proxy.raw.finish();
    run_until(RawProxy::loop(), [&] { return proxy.server.is_over(); });
    CHECK_FALSE(proxy.stream().is_probe());
  }
  SECTION("it is a client as long as it is there") {
    CHECK_FALSE(proxy.stream().is_probe());
  }
}

TEST_CASE("A proxy that names its own end of the connection is a probe without data", "[proxy]") {
  Loop loop;
  const auto [client, accepted] = tcp_socket_pair();
  const std::uint16_t own_port = SocketAddress::of_socket(client)->port();
  const bool is_own = GENERATE(true, false);
  const auto port = static_cast<std::uint16_t>(is_own ? own_port : own_port ^ 1U);
  Side raw(TcpStream::accept(loop, client));
  Side server(ProxyStream::server(loop, TcpStream::accept(loop, accepted), first_version));
  raw.start();
  server.start();
  raw.when_open = [&] {
    raw.send("PROXY TCP4 127.0.0.1 127.0.0.1 " + std::to_string(port) + " 1883\r\n");
  };
  run_until(loop, [&] { return server.open; });
  CHECK_FALSE(server.stream->proxy()->is_probe());
  CHECK(server.stream->peer().port == port);
  const bool speaks = GENERATE(true, false);
  if (speaks) {
    raw.send("x");
    run_until(loop, [&] { return server.received == "x"; });
  }
  raw.stream.reset();
  run_until(loop, [&] { return server.is_over(); });
  CHECK(server.stream->proxy()->is_probe() == (is_own && !speaks));
}

TEST_CASE("A proxy that speaks for itself is bidden farewell", "[proxy]") {
  RawProxy proxy;
  proxy.send(local + "hello");
  CHECK(proxy.stream().is_probe());
  run_until(RawProxy::loop(), [&] { return proxy.raw.is_over(); });
  CHECK(proxy.raw.end->cause == StreamEnd::Cause::closed_by_peer);
  CHECK(proxy.end().empty());
  CHECK(proxy.server.end->cause == StreamEnd::Cause::finished);
}

TEST_CASE("A connection that ends without a byte is a probe", "[proxy]") {
  RawProxy proxy;
  CHECK_FALSE(proxy.stream().is_probe());
  SECTION("in order") {
    proxy.raw.finish();
  }
  SECTION("abruptly") {
    proxy.raw.stream.reset();
  }
  run_until(RawProxy::loop(), [&] { return proxy.server.is_over(); });
  CHECK_FALSE(proxy.server.open);
  CHECK(proxy.stream().is_probe());
}

TEST_CASE("A header that is wrong ends the stream with the reason", "[proxy]") {
  CHECK(end_after("GET / HTTP/1.1\r\n\r\n") == "PROXY header: there is none");
  CHECK(end_after(line) == "PROXY header: it is of version 1, and 2 is expected");
  CHECK(end_after(block, first_version) == "PROXY header: it is of version 2, and 1 is expected");
  CHECK(end_after(std::string(100'000, 'x')) == "PROXY header: there is none");
  CHECK(end_after("PROXY UNKNOWN" + std::string(100'000, 'x'), first_version) ==
        "PROXY header: it is longer than 108 bytes");
  SECTION("and nobody mistakes it for a probe") {
    RawProxy proxy;
    proxy.send("x");
    proxy.end();
    CHECK_FALSE(proxy.stream().is_probe());
    CHECK(proxy.server.end->cause == StreamEnd::Cause::protocol);
  }
}

TEST_CASE("A connection that is closed within its header is no probe", "[proxy]") {
  RawProxy proxy;
  proxy.send(block.substr(0, 15));
  proxy.raw.finish();
  CHECK(proxy.end() == "PROXY header: the connection was closed within it");
  CHECK(proxy.server.end->cause == StreamEnd::Cause::protocol);
  CHECK_FALSE(proxy.stream().is_probe());
}

TEST_CASE("A server may want TLS between client and proxy", "[proxy]") {
  RawProxy proxy(tls_wanted);
  SECTION("and gets it") {
    proxy.send(with_tls("01 00000001 21 ('TLSv1.3') 23 ('TLS_AES_128_GCM_SHA256')"));
    REQUIRE(proxy.server.open);
    const auto& tls = proxy.stream().header()->tls;
    REQUIRE(tls);
    CHECK(tls->version == "TLSv1.3");
    CHECK(tls->cipher == "TLS_AES_128_GCM_SHA256");
    CHECK_FALSE(tls->certificate_verified);
  }
  SECTION("or does not open") {
    proxy.send(GENERATE(as<std::string>{}, block, with_tls("00 00000000")));
    CHECK(proxy.end() == "PROXY header: it does not speak of TLS");
    CHECK(proxy.stream().header() == nullptr);
  }
  SECTION("a health check needs none") {
    proxy.send(local);
    CHECK(proxy.end().empty());
  }
}

TEST_CASE("A server may want a client certificate that the proxy has verified", "[proxy]") {
  RawProxy proxy(certificate_wanted);
  SECTION("and gets it") {
    proxy.send(with_tls("07 00000000 22 ('a client')"));
    REQUIRE(proxy.server.open);
    CHECK(proxy.stream().header()->tls->common_name == "a client");
  }
  SECTION("or does not open") {
    proxy.send(GENERATE(as<std::string>{}, block, with_tls("01 00000000"),
                        with_tls("07 00000014 22 ('a client')"),
                        with_tls("06 00000000 22 ('a client')")));
    CHECK(proxy.end() ==
          "PROXY header: it does not speak of a client certificate that was verified");
  }
}

TEST_CASE("What a proxy has said moves along to another loop", "[proxy]") {
  Loop loop;
  const auto [client, accepted] = tcp_socket_pair();
  Side raw(TcpStream::accept(loop, client));
  Side server(ProxyStream::server(loop, TcpStream::accept(loop, accepted), certificate_wanted));
  server.pause();
  raw.start();
  server.start();
  raw.when_open = [&] { raw.send(with_tls("07 00000000 22 ('a client')") + "unread"); };
  run_until(loop, [&] { return server.open; });
  auto detached = server.stream->detach();
  REQUIRE(detached);
  server.stream.reset();

  Loop there;
  Side attached(detached->attach(there));
  CHECK(attached.stream->peer().address == "192.0.2.1");
  CHECK(attached.stream->peer().port == 56324);
  REQUIRE(attached.stream->proxy() != nullptr);
  CHECK(attached.stream->proxy()->header()->tls->common_name == "a client");
  attached.open = true;
  attached.start();
  run_until(there, [&] { return attached.received == "unread"; });
}

}  // namespace mqtt::io::test

#include "mqtt/io/socks5_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "side.h"
#include "support/memory_stream.h"

namespace mqtt::io::test {
namespace {

using namespace std::string_literals;

/// A client of the library, with raw bytes for a proxy.
struct RawProxy {
  explicit RawProxy(Loop& own_loop, Socks5Request request)
      : RawProxy(own_loop, MemoryStream::pair(own_loop), std::move(request)) {}

  /// What the client says next, after `bytes` from the proxy.
  std::string after(const std::string& bytes) {
    raw.received.clear();
    raw.send(bytes);
    run_ready(loop);
    return raw.received;
  }
  std::string greeting() {
    run_ready(loop);
    return raw.received;
  }

  Loop& loop;
  Side raw;
  Side client;

 private:
  RawProxy(Loop& own_loop, std::pair<StreamPtr, StreamPtr> below, Socks5Request request)
      : loop(own_loop),
        raw(std::move(below.first)),
        client(Socks5Stream::client(own_loop, std::move(below.second), std::move(request))) {
    raw.start();
    client.start();
    run_until(loop, [&] { return raw.open; });
  }
};

const std::string granted = "\5\0\0\1\0\0\0\0\0\0"s;

/// How a client ends that the proxy has answered like this.
std::string end_after(std::initializer_list<std::string> answers,
                      Socks5Request request = {"h", 1, {}, {}}) {
  Loop loop;
  RawProxy proxy(loop, std::move(request));
  proxy.greeting();
  for (const std::string& answer : answers) proxy.after(answer);
  proxy.raw.finish();
  run_until(loop, [&] { return proxy.client.is_over(); });
  CHECK_FALSE(proxy.client.open);
  CHECK(proxy.client.end->cause == StreamEnd::Cause::error);
  return proxy.client.end->text;
}

}  // namespace

TEST_CASE("A SOCKS5 client asks for a connection by name and passes bytes on", "[socks5]") {
  Loop loop;
  RawProxy proxy(loop, {"example.org", 1883, {}, {}});
  CHECK(proxy.greeting() == "\5\1\0"s);
  CHECK(proxy.after("\5\0"s) ==
        "\5\1\0\3\x0B"
        "example.org\x07\x5B"s);
  CHECK_FALSE(proxy.client.open);
  SECTION("whatever address the answer has") {
    const std::string bound =
        GENERATE("\1\x7F\0\0\1\0\0"s, "\3\4host\0\0"s, "\3\0\0\0"s, "\4"s + std::string(18, '\0'));
    CHECK(proxy.after("\5\0\0"s + bound).empty());
    CHECK(proxy.client.open);
    CHECK(proxy.client.received.empty());
  }
  SECTION("the first bytes of the server may follow at once") {
    proxy.after(granted + "hello");
    CHECK(proxy.client.received == "hello");
    proxy.raw.received.clear();
    CHECK(proxy.client.write("world") == 5);
    run_ready(loop);
    CHECK(proxy.raw.received == "world");
  }
  SECTION("an answer may come byte by byte") {
    for (const char c : granted + "x") proxy.after(std::string(1, c));
    CHECK(proxy.client.open);
    CHECK(proxy.client.received == "x");
  }
}

TEST_CASE("A SOCKS5 client names addresses as such", "[socks5]") {
  Loop loop;
  SECTION("IPv4") {
    RawProxy proxy(loop, {"192.0.2.1", 80, {}, {}});
    CHECK(proxy.after("\5\0"s).ends_with("\5\1\0\1\xC0\0\2\1\0\x50"s));
  }
  SECTION("IPv6") {
    RawProxy proxy(loop, {"::1", 80, {}, {}});
    CHECK(proxy.after("\5\0"s).ends_with("\5\1\0\4"s + std::string(15, '\0') + "\1\0\x50"s));
  }
}

TEST_CASE("A SOCKS5 client says who it is if it is asked", "[socks5]") {
  Loop loop;
  RawProxy proxy(loop, {"h", 1, "me", "secret"});
  CHECK(proxy.greeting() == "\5\2\0\2"s);
  SECTION("with user name and password") {
    CHECK(proxy.after("\5\2"s) == "\1\2me\6secret");
    CHECK(proxy.after("\1\0"s) == "\5\1\0\3\1h\0\1"s);
    proxy.after(granted);
    CHECK(proxy.client.open);
  }
  SECTION("and not otherwise") {
    CHECK(proxy.after("\5\0"s) == "\5\1\0\3\1h\0\1"s);
  }
}

TEST_CASE("What a SOCKS5 proxy refuses ends the stream with its reason", "[socks5]") {
  CHECK(end_after({"\5\xFF"s}) == "proxy: it wants authentication");
  CHECK(end_after({"\5\2"s}) == "proxy: it wants authentication");
  CHECK(end_after({"\5\xFF"s}, {"h", 1, "me", "x"}) ==
        "proxy: no way to authenticate is acceptable");
  CHECK(end_after({"\5\2"s, "\1\1"s}, {"h", 1, "me", "x"}) ==
        "proxy: user name or password refused");
  CHECK(end_after({"\5\0"s, "\5\2\0\1\0\0\0\0\0\0"s}) == "proxy: not allowed");
  CHECK(end_after({"\5\0"s, "\5\5"s}) == "proxy: connection refused");
  CHECK(end_after({"\5\0"s, "\5\x63\0\1\0\0\0\0\0\0"s}) == "proxy: refused for an unknown reason");
  CHECK(end_after({"\5\0"s, "\5\0\0\2\0\0\0\0\0\0"s}) == "proxy: unknown address type");
}

TEST_CASE("What is no SOCKS5 proxy, or leaves, ends the stream", "[socks5]") {
  CHECK(end_after({"HTTP/1.1 400 Bad Request\r\n"s}) == "proxy: it does not speak SOCKS5");
  CHECK(end_after({"\4\0"s}) == "proxy: it does not speak SOCKS5");
  CHECK(end_after({}) == "proxy: connection closed during the handshake");
  CHECK(end_after({"\5\0"s, "\5\0\0"s}) == "proxy: connection closed during the handshake");
  CHECK(end_after({}, {std::string(256, 'x'), 1, {}, {}}) ==
        "proxy: host, user or password is too long");
}

}  // namespace mqtt::io::test

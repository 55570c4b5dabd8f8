#include "mqtt/io/websocket_stream.h"

#include <wslay/wslay.h>

#include <catch2/catch.hpp>
#include <memory>

#include "side.h"
#include "support/memory_stream.h"

namespace mqtt::io::test {
namespace {

using namespace std::string_literals;

const std::string request_line = "GET /mqtt HTTP/1.1\r\n";
const std::string fields =
    "Host: example.org\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n";
const std::string protocol = "Sec-WebSocket-Protocol: mqtt\r\n";
const std::string good_request = request_line + fields + protocol + "\r\n";
/// The answer to the key above, from RFC 6455, section 1.3.
const std::string good_answer =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

std::string without(std::string text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

std::string with(std::string text, const std::string& part, const std::string& other) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), other);
}

/// A frame as a client sends it. The mask shows nothing, so that payload can be read in a test;
/// frames with other masks come from the client of the library and from wslay.
std::string masked(int first_byte, const std::string& payload) {
  REQUIRE(payload.size() < 65536);
  std::string frame(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  return frame + "\0\0\0\0"s + payload;
}

std::string close_frame(unsigned code, const std::string& reason = "") {
  const std::string payload =
      std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} + reason;
  return "\x88"s + static_cast<char>(payload.size()) + payload;
}

/// A server of the library, with raw bytes at the other end.
struct RawClient {
  explicit RawClient(Loop& own_loop, WebSocketServerOptions options = {},
                     MemoryStream::Limits limits = MemoryStream::Limits())
      : RawClient(own_loop, MemoryStream::pair(own_loop, limits),
                  std::make_shared<const WebSocketServerOptions>(std::move(options))) {}

  /// Until the server has opened or refused.
  void request(const std::string& text) {
    raw.send(text);
    run_until(loop, [&] { return server.open || raw.is_over(); });
    run_ready(loop);
  }
  /// After a good request: only what comes after the answer is looked at.
  void open() {
    request(good_request);
    REQUIRE(server.open);
    REQUIRE(raw.received == good_answer);
    raw.received.clear();
  }
  void exchange(const std::string& bytes) {
    raw.send(bytes);
    run_ready(loop);
  }

  Loop& loop;
  WebSocketStream* websocket;
  Side raw;
  Side server;

 private:
  RawClient(Loop& own_loop, std::pair<StreamPtr, StreamPtr> below,
            std::shared_ptr<const WebSocketServerOptions> options)
      : RawClient(own_loop, std::move(below.first),
                  WebSocketStream::server(own_loop, std::move(below.second), std::move(options))) {}
  RawClient(Loop& own_loop, StreamPtr raw_stream, WebSocketStream::Pointer server_stream)
      : loop(own_loop),
        websocket(server_stream.get()),
        raw(std::move(raw_stream)),
        server(std::move(server_stream)) {
    raw.start();
    server.start();
    run_until(loop, [&] { return raw.open; });
  }
};

}  // namespace

TEST_CASE("a WebSocket server takes a request to upgrade", "[websocket]") {  // [MQTT-6.0.0-4]
  Loop loop;
  RawClient client(loop);
  std::string request = good_request;
  std::string chosen = "mqtt";

  SECTION("as in the standard") {}
  SECTION("with another path") {
    request = with(request, "/mqtt", "/");
  }
  SECTION("as a browser sends it") {
    request = with(request, "Connection: Upgrade", "Connection: keep-alive, Upgrade");
    request = with(request, "Upgrade: websocket", "upgrade: WebSocket");
    request = with(request, protocol,
                   "Origin: https://example.org\r\n"
                   "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                   "Cookie: a=b\r\n" +
                       protocol);
  }
  SECTION("with sub-protocols in a list") {
    request = with(request, ": mqtt\r\n", ": amqp ,mqttv3.1, mqtt\r\n");
  }
  SECTION("with the sub-protocol of old only") {
    request = with(request, ": mqtt\r\n", ": amqp ,mqttv3.1\r\n");
    chosen = "mqttv3.1";
  }
  SECTION("with sub-protocols in several fields") {
    request = with(request, protocol, "Sec-WebSocket-Protocol: amqp\r\n" + protocol);
  }
  client.request(request);
  REQUIRE(client.server.open);
  CHECK(client.websocket->protocol() == chosen);
  CHECK(client.raw.received == with(good_answer, "Protocol: mqtt", "Protocol: " + chosen));
}

TEST_CASE("a WebSocket server refuses other requests with a status that says why", "[websocket]") {
  Loop loop;
  WebSocketServerOptions options;
  options.allows_origin = [](std::string_view origin) { return origin == "https://example.org"; };
  RawClient client(loop, options);
  std::string request = good_request;
  std::string status;
  std::string also;

  SECTION("no HTTP") {
    request = "\x10\x0c\0\4MQTT\4\2\0\0\0\0"s;
    status = "400 Bad Request";
    also = "it looks like MQTT without WebSocket";
  }
  SECTION("a TLS handshake") {
    request = "\x16\x03\x01\0\x05hello"s;
    status = "400 Bad Request";
    also = "it looks like TLS";
  }
  SECTION("another method") {
    request = with(request, "GET", "POST");
    status = "405 Method Not Allowed";
    also = "\r\nAllow: GET\r\n";
  }
  SECTION("an old HTTP") {
    request = with(request, "HTTP/1.1", "HTTP/1.0");
    status = "505 HTTP Version Not Supported";
  }
  SECTION("no Host") {
    request = without(request, "Host: example.org\r\n");
    status = "400 Bad Request";
  }
  SECTION("just a page") {
    request = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
    status = "426 Upgrade Required";
    also = "\r\nUpgrade: websocket\r\n";
  }
  SECTION("an upgrade to something else") {
    request = with(request, "Upgrade: websocket", "Upgrade: h2c");
    status = "426 Upgrade Required";
  }
  SECTION("an upgrade that Connection does not name") {
    request = with(request, "Connection: Upgrade", "Connection: keep-alive");
    status = "426 Upgrade Required";
  }
  SECTION("another version") {
    request = with(request, "Version: 13", "Version: 8");
    status = "426 Upgrade Required";
    also = "\r\nSec-WebSocket-Version: 13\r\n";
  }
  SECTION("no key") {
    request = without(request, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    status = "400 Bad Request";
  }
  SECTION("a key of another length") {
    request = with(request, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAA");
    status = "400 Bad Request";
  }
  SECTION("a key that is no base64") {
    request = with(request, "dGhlIHNhbXBsZSBub25jZQ==", "!!!!!!!!!!!!!!!!!!!!!!==");
    status = "400 Bad Request";
  }
  SECTION("no sub-protocol") {
    request = without(request, protocol);
    status = "400 Bad Request";
  }
  SECTION("another sub-protocol") {
    request = with(request, protocol, "Sec-WebSocket-Protocol: mqtt5, MQTT\r\n");
    status = "400 Bad Request";
  }
  SECTION("an origin that is not allowed, though it begins like one that is") {
    request = with(request, protocol, "Origin: https://example.or\r\n" + protocol);
    status = "403 Forbidden";
  }
  SECTION("a head that is too long") {
    request = with(request, protocol, "Cookie: " + std::string(5000, 'x') + "\r\n" + protocol);
    status = "431 Request Header Fields Too Large";
  }
  SECTION("a head that never ends") {
    request = request_line + "Cookie: " + std::string(100'000, 'x');
    status = "431 Request Header Fields Too Large";
  }
  SECTION("a request line that never ends") {
    request = "GET /" + std::string(100'000, 'x');
    status = "431 Request Header Fields Too Large";
  }
  SECTION("more fields than anybody needs") {
    std::string many;
    for (int i = 0; i < 200; ++i) many += "a: b\r\n";
    request = with(request, protocol, many + protocol);
    status = "431 Request Header Fields Too Large";
  }
  client.request(request);
  CHECK_FALSE(client.server.open);
  CHECK_THAT(client.raw.received, Catch::StartsWith("HTTP/1.1 " + status + "\r\n") &&
                                      Catch::Contains(also) && Catch::Contains("\r\n\r\n"));
  REQUIRE(client.server.is_over());
  CHECK(client.server.end->cause == StreamEnd::Cause::protocol);
  CHECK_THAT(client.server.end->text, Catch::StartsWith("WebSocket: "));
}

TEST_CASE("origins are asked about if there is one and somebody to ask", "[websocket]") {
  Loop loop;
  WebSocketServerOptions options;
  options.allows_origin = [](std::string_view origin) { return origin == "https://example.org"; };
  RawClient client(loop, options);
  SECTION("the allowed one") {
    client.request(with(good_request, protocol, "Origin: https://example.org\r\n" + protocol));
  }
  SECTION("none") {
    client.request(good_request);
  }
  CHECK(client.server.open);
}

TEST_CASE("a WebSocket server takes requests and frames in any pieces", "[websocket]") {
  Loop loop;
  const std::string payload = pattern(300);
  const std::string all = good_request + masked(0x02, payload.substr(0, 100)) +
                          masked(0x89, "are you there?") + masked(0x00, "") +
                          masked(0x80, payload.substr(100));
  const std::size_t chunk = GENERATE(1u, 2u, 7u, 64u * 1024u);
  CAPTURE(chunk);
  RawClient client(loop, {}, {64 * 1024, chunk});
  client.raw.send(all);
  run_until(loop, [&] { return client.server.received_size == payload.size(); });
  CHECK((client.server.received == payload));
  run_until(loop, [&] { return client.raw.received_size == good_answer.size() + 16; });
  CHECK(client.raw.received == good_answer + "\x8A\x0E" + "are you there?");
}

TEST_CASE("a WebSocket server hands payload on as a stream of bytes", "[websocket]") {
  // [MQTT-6.0.0-2]
  Loop loop;
  RawClient client(loop);
  client.open();

  SECTION("of several messages at once") {
    client.exchange(masked(0x82, "first ") + masked(0x82, "second ") + masked(0x82, "third"));
    CHECK(client.server.received == "first second third");
  }
  SECTION("of a message in fragments, with control frames in between") {
    client.exchange(masked(0x02, "fir") + masked(0x8A, "unasked") + masked(0x00, "s") +
                    masked(0x80, "t"));
    CHECK(client.server.received == "first");
    CHECK(client.raw.received.empty());
  }
  SECTION("without the empty ones") {
    client.exchange(masked(0x82, "") + masked(0x02, "") + masked(0x80, ""));
    CHECK(client.server.received.empty());
    client.exchange(masked(0x82, "more"));
    CHECK(client.server.received == "more");
  }
  SECTION("as soon as a part of a frame is there") {
    client.exchange(masked(0x82, std::string(1000, 'x')).substr(0, 500));
    CHECK(client.server.received_size == 492);
  }
  SECTION("unmasked with the mask of the frame") {
    // "Hello" as in RFC 6455, section 5.7, but binary.
    client.exchange("\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
    CHECK(client.server.received == "Hello");
  }
}

TEST_CASE("a WebSocket server sends frames that are not masked", "[websocket]") {
  // Binary ones: [MQTT-6.0.0-1]
  Loop loop;
  RawClient client(loop);
  client.open();
  SECTION("with a length of one byte") {
    client.server.write(std::string(125, 'x'));
    run_ready(loop);
    CHECK(client.raw.received == "\x82\x7D" + std::string(125, 'x'));
  }
  SECTION("with a length of two bytes") {
    client.server.write(std::string(126, 'x'));
    run_ready(loop);
    CHECK(client.raw.received == "\x82\x7E\x00\x7E"s + std::string(126, 'x'));
  }
  SECTION("with several buffers in one") {
    const std::vector<ByteView> buffers = {as_bytes("one "), ByteView(), as_bytes("frame")};
    CHECK(client.server.stream->write(buffers) == 9);
    run_ready(loop);
    CHECK(client.raw.received == "\x82\x09one frame");
  }
  SECTION("and none for nothing") {
    CHECK(client.server.write("") == 0);
    run_ready(loop);
    CHECK(client.raw.received.empty());
  }
}

TEST_CASE("a WebSocket server closes on frames that break the rules", "[websocket]") {
  Loop loop;
  WebSocketServerOptions options;
  options.frame_size_limit = 1000;
  RawClient client(loop, options);
  client.open();
  std::string bytes;
  unsigned code = 1002;
  std::string reason;

  SECTION("text") {  // [MQTT-6.0.0-1]
    bytes = masked(0x81, "text");
    code = 1003;
    reason = "text frame";
  }
  SECTION("not masked") {
    bytes = "\x82\x02hi";
    reason = "masking";
  }
  SECTION("reserved bits") {
    bytes = masked(GENERATE(0xC2, 0xA2, 0x92), "hi");
    reason = "reserved bits";
  }
  SECTION("an opcode for data that nobody knows") {
    bytes = masked(0x83, "hi");
    reason = "unknown opcode";
  }
  SECTION("an opcode for control that nobody knows") {
    bytes = masked(0x8B, "hi");
    reason = "unknown opcode";
  }
  SECTION("a control frame in fragments") {
    bytes = masked(0x09, "hi");
    reason = "fragmented control frame";
  }
  SECTION("a control frame that is too long") {
    bytes = masked(0x89, std::string(126, 'x'));
    reason = "long control frame";
  }
  SECTION("a continuation of nothing") {
    bytes = masked(0x80, "hi");
    reason = "nothing to continue";
  }
  SECTION("a new message before the last one ended") {
    bytes = masked(0x02, "") + masked(0x82, "hi");
    reason = "unfinished message";
  }
  SECTION("a length in more bytes than it needs") {
    bytes = GENERATE("\x82\xFE\x00\x7D\0\0\0\0"s, "\x82\xFF\0\0\0\0\0\0\xFF\xFF\0\0\0\0"s);
    reason = "malformed length";
  }
  SECTION("a length with its highest bit set") {
    bytes = "\x82\xFF\x80\0\0\0\0\0\0\0\0\0\0\0"s;
    reason = "malformed length";
  }
  SECTION("a length that nobody would wait for") {
    bytes = "\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0"s;
    code = 1009;
    reason = "long frame";
  }
  SECTION("a length beyond the limit") {
    bytes = masked(0x82, std::string(1001, 'x'));
    code = 1009;
    reason = "long frame";
  }
  SECTION("a close frame of one byte") {
    bytes = masked(0x88, "x");
    reason = "malformed close frame";
  }
  SECTION("a close code that must not be sent") {
    const unsigned bad = GENERATE(0u, 999u, 1004u, 1005u, 1006u, 1015u, 2999u, 5000u);
    bytes = masked(0x88, close_frame(bad).substr(2));
    reason = "invalid close code";
  }
  client.exchange(bytes + masked(0x82, "must not arrive"));
  run_until(loop, [&] { return client.server.is_over() && client.raw.is_over(); });
  CHECK(client.raw.received == close_frame(code, reason));
  CHECK(client.server.received.empty());
  CHECK(client.server.end->cause == StreamEnd::Cause::protocol);
  CHECK(client.server.end->text == "WebSocket: " + reason);
}

TEST_CASE("a peer that pings without reading gets a bounded number of answers", "[websocket]") {
  Loop loop;
  RawClient client(loop, {}, {16 * 1024, 64 * 1024});
  client.open();
  client.raw.pause();
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings += masked(0x89, std::string(125, 'p'));
  client.raw.send(pings);
  run_until(loop, [&] { return client.raw.to_send.empty(); });
  run_ready(loop);
  client.raw.resume();
  run_ready(loop);
  // What was on its way below, and what the layer kept.
  CHECK(client.raw.received.size() >= write_buffer_limit);
  CHECK(client.raw.received.size() <= write_buffer_limit + 16 * 1024 + 127);
  CHECK_FALSE(client.server.is_over());
}

TEST_CASE("a WebSocket is closed with a handshake", "[websocket]") {
  Loop loop;
  RawClient client(loop);
  client.open();

  SECTION("that the client begins, without a code") {
    client.exchange(masked(0x88, ""));
    run_until(loop, [&] { return client.raw.is_over() && client.server.is_over(); });
    CHECK(client.raw.received == "\x88\0"s);
    CHECK(client.server.end->cause == StreamEnd::Cause::closed_by_peer);
    CHECK(client.server.end->text.empty());
  }
  SECTION("that the client begins, with a code and a reason") {
    client.exchange(masked(0x88, close_frame(1001, "going\naway").substr(2)));
    run_until(loop, [&] { return client.raw.is_over() && client.server.is_over(); });
    CHECK(client.raw.received == close_frame(1001));
    CHECK(client.server.end->cause == StreamEnd::Cause::closed_by_peer);
    CHECK(client.server.end->text == "WebSocket: closed with code 1001 (going?away)");
  }
  SECTION("that the server begins") {
    client.server.write("last words");
    client.server.finish();
    run_ready(loop);
    CHECK(client.raw.received == "\x82\x0Alast words"s + close_frame(1000));
    CHECK_FALSE(client.raw.is_over());
    // Data and pings that were on their way are ignored.
    client.exchange(masked(0x82, "too late") + masked(0x89, "too late") +
                    masked(0x88, close_frame(1000).substr(2)));
    run_until(loop, [&] { return client.raw.is_over() && client.server.is_over(); });
    CHECK(client.raw.received == "\x82\x0Alast words"s + close_frame(1000));
    CHECK(client.server.received.empty());
    CHECK(client.server.end->cause == StreamEnd::Cause::finished);
  }
  SECTION("that both begin") {
    client.server.finish();
    client.exchange(masked(0x88, close_frame(1001).substr(2)));
    run_until(loop, [&] { return client.raw.is_over() && client.server.is_over(); });
    CHECK(client.raw.received == close_frame(1000));
  }
  SECTION("or, where it is not, the end is an error") {
    client.raw.finish();
    run_until(loop, [&] { return client.server.is_over(); });
    CHECK(client.server.end->cause == StreamEnd::Cause::error);
    CHECK(client.server.end->text == "WebSocket: connection closed without a close frame");
  }
}

TEST_CASE("a connection that ends during the upgrade is an error", "[websocket]") {
  Loop loop;
  RawClient client(loop);
  client.raw.send(good_request.substr(0, 50));
  client.raw.finish();
  run_until(loop, [&] { return client.server.is_over(); });
  CHECK_FALSE(client.server.open);
  CHECK(client.server.end->text == "WebSocket: connection closed during the handshake");
}

namespace {

/// A client of the library, with raw bytes at the other end.
struct RawServer {
  explicit RawServer(Loop& own_loop, WebSocketClientOptions options = {.host = "example.org:8080"})
      : RawServer(own_loop, MemoryStream::pair(own_loop), std::move(options)) {}

  /// The request, and the key in it.
  void receive_request() {
    run_until(loop, [&] { return raw.received.find("\r\n\r\n") != std::string::npos; });
    const std::string name = "Sec-WebSocket-Key: ";
    key = raw.received.substr(raw.received.find(name) + name.size(), 24);
  }

  Loop& loop;
  Side raw;
  Side client;
  std::string key;

 private:
  RawServer(Loop& own_loop, std::pair<StreamPtr, StreamPtr> below, WebSocketClientOptions options)
      : loop(own_loop),
        raw(std::move(below.second)),
        client(WebSocketStream::client(own_loop, std::move(below.first), std::move(options))) {
    raw.start();
    client.start();
  }
};

/// What a good server answers to a key; made by a server of the library, which is tested above.
std::string answer_to(Loop& loop, const std::string& key) {
  RawClient client(loop);
  client.request(with(good_request, "dGhlIHNhbXBsZSBub25jZQ==", key));
  return client.raw.received;
}

}  // namespace

TEST_CASE("a WebSocket client asks for an upgrade", "[websocket]") {  // [MQTT-6.0.0-3]
  Loop loop;
  WebSocketClientOptions options{.host = "example.org:8080"};
  options.path = "/broker?x=1";
  options.protocols = {"mqtt", "mqttv3.1"};
  options.fields = {{"Authorization", "Bearer abc"}};
  RawServer server(loop, options);
  server.receive_request();
  CHECK(server.raw.received ==
        "GET /broker?x=1 HTTP/1.1\r\n"
        "Host: example.org:8080\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Key: " +
            server.key +
            "\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: mqtt, mqttv3.1\r\n"
            "Authorization: Bearer abc\r\n\r\n");
  SECTION("with another key each time") {
    RawServer second(loop);
    second.receive_request();
    CHECK(second.key != server.key);
  }
}

TEST_CASE("a WebSocket client checks the answer", "[websocket]") {
  Loop loop;
  RawServer server(loop);
  server.receive_request();
  std::string answer = answer_to(loop, server.key);
  std::string refusal;

  SECTION("which may bring frames along") {
    answer += "\x82\x05hello";
  }
  SECTION("which may come after others have been asked for") {
    answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    refusal = "the server answers with HTTP status 404";
  }
  SECTION("which must be HTTP") {
    answer = "\x20\x02\0\0"s;
    refusal = "the answer is not HTTP";
  }
  SECTION("which must prove that the key was understood") {
    answer = good_answer;
    refusal = "the server has not understood";
  }
  SECTION("which must upgrade to WebSocket") {
    answer = without(answer, "Upgrade: websocket\r\n");
    refusal = "the server has not understood";
  }
  SECTION("which must choose a sub-protocol") {
    answer = without(answer, "Sec-WebSocket-Protocol: mqtt\r\n");
    refusal = "the server does not agree on a sub-protocol";
  }
  SECTION("which must choose one that was offered") {
    answer = with(answer, "Protocol: mqtt", "Protocol: mqttv3.1");
    refusal = "the server does not agree on a sub-protocol";
  }
  SECTION("which must not add an extension") {
    answer = with(answer, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    refusal = "the server uses an extension that was not offered";
  }
  SECTION("which must not be endless") {
    answer = "HTTP/1.1 101 Yes\r\nX: " + std::string(5000, 'x');
    refusal = "the answer is too long";
  }
  server.raw.send(answer);
  if (refusal.empty()) {
    run_until(loop, [&] { return server.client.received == "hello"; });
  } else {
    run_until(loop, [&] { return server.client.is_over(); });
    CHECK_FALSE(server.client.open);
    CHECK(server.client.end->cause == StreamEnd::Cause::protocol);
    CHECK(server.client.end->text == "WebSocket: " + refusal);
  }
}

TEST_CASE("a WebSocket client refuses masked frames", "[websocket]") {
  Loop loop;
  RawServer server(loop);
  server.receive_request();
  server.raw.send(answer_to(loop, server.key) + masked(0x82, "hi"));
  run_until(loop, [&] { return server.client.is_over(); });
  CHECK(server.client.end->text == "WebSocket: masking");
}

namespace {

/// wslay, as a WebSocket peer of another make: takes and makes frames in memory.
class Wslay {
 public:
  explicit Wslay(bool is_server) {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = [](wslay_event_context_ptr context, std::uint8_t* room,
                                 std::size_t size, int, void* self) -> ssize_t {
      std::string& in = static_cast<Wslay*>(self)->in_;
      if (in.empty()) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
      }
      const std::size_t count = in.copy(reinterpret_cast<char*>(room), size);
      in.erase(0, count);
      return static_cast<ssize_t>(count);
    };
    callbacks.send_callback = [](wslay_event_context_ptr, const std::uint8_t* bytes,
                                 std::size_t size, int, void* self) -> ssize_t {
      static_cast<Wslay*>(self)->out.append(as_text({bytes, size}));
      return static_cast<ssize_t>(size);
    };
    callbacks.genmask_callback = [](wslay_event_context_ptr, std::uint8_t* mask, std::size_t size,
                                    void* self) {
      const std::string random = pattern(size, ++static_cast<Wslay*>(self)->masks_);
      std::copy(random.begin(), random.end(), mask);
      return 0;
    };
    callbacks.on_msg_recv_callback = [](wslay_event_context_ptr,
                                        const wslay_event_on_msg_recv_arg* message, void* self) {
      static_cast<Wslay*>(self)->received.emplace_back(
          message->opcode, as_text({message->msg, message->msg_length}));
    };
    const auto init = is_server ? wslay_event_context_server_init : wslay_event_context_client_init;
    REQUIRE(init(&context_, &callbacks, this) == 0);
  }
  ~Wslay() { wslay_event_context_free(context_); }
  Wslay(const Wslay&) = delete;
  Wslay& operator=(const Wslay&) = delete;

  void take(const std::string& bytes) {
    in_ += bytes;
    REQUIRE(wslay_event_recv(context_) == 0);
  }
  std::string make(std::uint8_t opcode, const std::string& payload) {
    const ByteView bytes = as_bytes(payload);
    const wslay_event_msg message{opcode, bytes.data(), bytes.size()};
    REQUIRE(wslay_event_queue_msg(context_, &message) == 0);
    REQUIRE(wslay_event_send(context_) == 0);
    return std::exchange(out, {});
  }

  std::string out;
  std::vector<std::pair<int, std::string>> received;

 private:
  wslay_event_context_ptr context_ = nullptr;
  std::string in_;
  std::uint32_t masks_ = 0;
};

}  // namespace

TEST_CASE("WebSocket frames agree with those of another make", "[websocket]") {
  Loop loop;
  const std::size_t size = GENERATE(0u, 1u, 3u, 125u, 126u, 1000u, 65'535u, 65'536u, 200'000u);
  CAPTURE(size);
  const std::string payload = pattern(size);

  SECTION("from its client") {
    RawClient client(loop);
    client.open();
    Wslay wslay(false);
    client.raw.send(wslay.make(WSLAY_BINARY_FRAME, payload));
    run_until(loop, [&] { return client.server.received_size >= size; });
    CHECK((client.server.received == payload));
  }
  SECTION("to its client") {
    RawClient client(loop);
    client.open();
    Wslay wslay(false);
    std::string received;
    client.raw.when_data = [&](ByteView bytes) { wslay.take(std::string(as_text(bytes))); };
    client.server.send(payload);
    client.server.finish();
    run_until(loop, [&] { return !wslay.received.empty() && wslay.received.back().first == 8; });
    for (const auto& [opcode, part] : wslay.received) {
      if (opcode == WSLAY_BINARY_FRAME) received += part;
    }
    if (client.server.to_send.empty()) CHECK((received == payload));
    CHECK((payload.substr(0, received.size()) == received));
  }
  SECTION("to its server") {
    RawServer server(loop);
    server.receive_request();
    Wslay wslay(true);
    std::string received;
    server.raw.when_data = [&](ByteView bytes) {
      wslay.take(std::string(as_text(bytes)));
      received.clear();
      for (const auto& message : wslay.received) received += message.second;
    };
    server.raw.send(answer_to(loop, server.key));
    run_until(loop, [&] { return server.client.open; });
    server.client.send(payload);
    run_until(loop, [&] { return received.size() >= size; });
    CHECK((received == payload));
  }
}

}  // namespace mqtt::io::test

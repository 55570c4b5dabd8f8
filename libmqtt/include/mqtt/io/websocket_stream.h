#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/io/stream_layer.h"

namespace mqtt::io {

class WebSocketUpgrade;
enum class WebSocketClose : std::uint16_t;
enum class WebSocketOpcode : std::uint8_t;

/// What a WebSocket server accepts. Shared by all connections of a listener.
struct WebSocketServerOptions {
  /// Sub-protocols by preference: the first one that the client offers as well is chosen. A client
  /// that offers none of them is refused. "mqtt" is first [MQTT-6.0.0-4].
  std::vector<std::string> protocols = {"mqtt", "mqttv3.1"};
  /// Whether scripts of this web origin, such as "https://example.org", may connect; empty: all
  /// may. Clients without an origin are not browsers and are not checked.
  std::function<bool(std::string_view origin)> allows_origin = {};
  /// Bytes of request line and header fields; a longer head is refused.
  std::size_t head_size_limit = 4096;
  /// Bytes of a frame's payload; a longer frame closes the connection. Payload is passed on as it
  /// arrives, so memory does not depend on it.
  std::uint64_t frame_size_limit = 268'435'460;
};

/// The request of a WebSocket client.
struct WebSocketClientOptions {
  std::string host = {};  ///< the Host field: name, and port unless it is the default one
  std::string path = "/mqtt";
  std::vector<std::string> protocols = {"mqtt"};  ///< to offer [MQTT-6.0.0-3]
  /// Further header fields, such as Origin or Authorization.
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::size_t head_size_limit = 4096;
  std::uint64_t frame_size_limit = 268'435'460;
};

/// A byte stream in binary WebSocket messages (RFC 6455), over any stream. Frame and message
/// boundaries have no meaning: MQTT packets may begin and end anywhere in them [MQTT-6.0.0-2]. Each
/// `write` becomes a frame.
class WebSocketStream final : public StreamLayer {
 public:
  using Pointer = std::unique_ptr<WebSocketStream, StreamDeleter>;

  /// Waits for an upgrade request; a refused one is answered with an HTTP status. `below`
  /// has not been started.
  static Pointer server(Loop& loop, StreamPtr below,
                        std::shared_ptr<const WebSocketServerOptions> options);
  static Pointer client(Loop& loop, StreamPtr below, WebSocketClientOptions options);

  /// The negotiated sub-protocol, once open.
  const std::string& protocol() const;

 private:
  class Detached;
  struct Connection;

  WebSocketStream(Loop& loop, StreamPtr below, std::unique_ptr<WebSocketUpgrade> upgrade,
                  std::unique_ptr<Connection> connection);
  WebSocketStream(Loop& loop, StreamPtr below, std::unique_ptr<Connection> connection,
                  std::vector<std::uint8_t> unread);
  ~WebSocketStream() override;

  void begin() override;
  void on_input() override;
  std::size_t encode(std::span<const ByteView> buffers) override;
  void say_farewell() override;
  bool is_farewell_answered() const override;
  StreamEnd end_from_below(const StreamEnd& end) const override;
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override;

  void take_head();
  void take_header();
  void take_data();
  void take_control();
  void on_control();
  void on_close(std::string_view payload);
  void send_control(WebSocketOpcode opcode, ByteView payload);
  void send_masked(WebSocketOpcode opcode, MutableByteView payload);
  void send_close(WebSocketClose code, std::string_view reason);
  /// The peer violated the protocol: sends the reason and ends.
  void refuse(WebSocketClose code, std::string_view reason);
  std::size_t encode_masked(std::span<const ByteView> buffers);
  std::size_t encode_plain(std::span<const ByteView> buffers);

  /// Exists until the connection is upgraded.
  std::unique_ptr<WebSocketUpgrade> upgrade_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mqtt::io

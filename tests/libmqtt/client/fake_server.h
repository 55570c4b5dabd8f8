#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mqtt/io/loop.h"
#include "mqtt/io/tcp_listener.h"
#include "mqtt/io/tcp_stream.h"
#include "support/mqtt_script.h"
#include "support/packet_builders.h"

namespace test {

/// A server on 127.0.0.1 that the test plays packet by packet, on the loop of the client under
/// test: whatever it waits for, it turns the loop meanwhile. One connection at a time, the latest.
class FakeServer final : private mqtt::io::StreamHandler {
 public:
  explicit FakeServer(mqtt::io::Loop& loop,
                      mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5);

  /// What lies between the socket of a connection and MQTT, from now on.
  using Layers = std::function<mqtt::io::StreamPtr(mqtt::io::StreamPtr)>;
  void set_layers(Layers layers) { layers_ = std::move(layers); }

  std::uint16_t port() const { return listener_->port(); }

  /// Waits for a connection that is open through all its layers.
  void accept(Line line = Line::here());
  /// The next packet is this one, to the byte.
  void expect(const mqtt::Packet& packet, Line line = Line::here());
  /// Waits for a connection and its CONNECT, whatever it says, and answers it.
  void welcome(const mqtt::Packet& connack = test::connack(), Line line = Line::here());
  void send(const mqtt::Packet& packet);
  void send(mqtt::ByteView bytes);
  /// The client has ended the connection, and sent nothing more.
  void expect_closed(Line line = Line::here());
  /// Nothing has come that was not expected.
  void expect_nothing(Line line = Line::here());

  /// Ends the connection without a word.
  void close();
  /// Stops reading, so that the client cannot get rid of its bytes; and starts again.
  void pause() { stream_->pause(); }
  void resume() { stream_->resume(); }
  /// Waits for `size` bytes of whatever kind, and forgets them.
  void swallow(std::size_t size, Line line = Line::here());

 private:
  void on_open() override;
  void on_data(mqtt::ByteView bytes) override;
  void on_writable() override {}
  void on_end(const mqtt::io::StreamEnd& end) override;

  mqtt::io::Loop& loop_;
  mqtt::ProtocolVersion version_;
  Layers layers_;
  std::unique_ptr<mqtt::io::TcpListener> listener_;
  mqtt::io::StreamPtr stream_;
  bool ended_ = false;
  std::size_t accepted_ = 0;  ///< open connections that `accept` has not seen
  Bytes received_;
};

}  // namespace test

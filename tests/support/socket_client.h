#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "mqtt/protocol/packet.h"
#include "support/packet_builders.h"

namespace test {

/// A socket that speaks MQTT and asserts nothing: for threads beside the test's own, and for tests
/// that look at what came before they judge it. Blocks, up to a patience.
class SocketClient {
 public:
  enum class Arrival : std::uint8_t { packet, closed, nothing, not_mqtt };
  struct Arrived {
    Arrival what = Arrival::nothing;
    Bytes bytes;          ///< a whole packet
    mqtt::Packet packet;  ///< borrows from `bytes`

    template <class Type>
    const Type* as() const {
      return what == Arrival::packet ? std::get_if<Type>(&packet) : nullptr;
    }
  };

  /// Connects to 127.0.0.1. `receive_buffer`: the socket's, in bytes; 0: the system's choice.
  explicit SocketClient(std::uint16_t port, int receive_buffer = 0);
  SocketClient(SocketClient&& other) noexcept;
  SocketClient& operator=(SocketClient&& other) noexcept;
  ~SocketClient() { close(); }

  /// That of the last CONNECT sent; 3.1.1 before.
  mqtt::ProtocolVersion version() const { return version_; }

  /// False if the broker has closed, or takes nothing for the length of the patience.
  bool send(const mqtt::Packet& packet);
  bool send(mqtt::ByteView bytes);

  /// The next packet, or why there is none.
  Arrived receive();
  /// Sends CONNECT; true if the answer is a CONNACK that accepts.
  bool open(const ConnectBuilder& connect);
  /// Reads and drops everything until the broker closes. False if it does not.
  bool drain_until_closed();

  bool is_open() const { return descriptor_ >= 0; }
  void close();
  /// Closes with a TCP reset.
  void reset();

 private:
  int descriptor_ = -1;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v311;
  Bytes unread_;
  std::size_t taken_ = 0;  ///< of `unread_`, handed out already
};

}  // namespace test

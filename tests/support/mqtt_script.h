#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/protocol/packet.h"
#include "support/packet_builders.h"
#include "support/shown_packets.h"

/// Conversations over a socket, written as they are spoken:
///
///     Peer peer(port);
///     peer.open(connect("a").v5());
///     peer.send(subscribe(1, "x/#", 1));
///     peer.expect(suback(1, {1}));
///     peer.expect_nothing();
///
/// Everything blocks. What does not come within `Peer::patience()` fails the test; nothing else
/// depends on time. Whole packets are compared, byte by byte, and shown decoded when they differ.
/// The assertions are Catch2's: only on the thread that runs the test.
namespace test {

/// The line of a test that a failure is reported at.
struct Line {
  const char* file;
  int number;
  static constexpr Line here(const char* file = __builtin_FILE(), int number = __builtin_LINE()) {
    return {file, number};
  }
};

/// A packet as it arrived, with the bytes that it borrows from.
template <class Type>
struct Received {
  Bytes bytes;
  Type packet;

  const Type* operator->() const { return &packet; }
};

/// One end of an MQTT conversation over a TCP or Unix socket. Mostly a client of the broker under
/// test; `Listener` makes one that plays the server.
class Peer {
 public:
  using ProtocolVersion = mqtt::ProtocolVersion;

  /// Connects to 127.0.0.1.
  explicit Peer(std::uint16_t port);
  /// Takes over a connected socket.
  static Peer of_socket(int descriptor) { return Peer(Socket(descriptor)); }

  /// The version that packets are encoded and decoded in: that of the last CONNECT sent or
  /// received, 3.1.1 before.
  ProtocolVersion version() const { return version_; }

  /// Sends; that the other side has closed shows in what is expected next, not here.
  void send(const mqtt::Packet& packet, Line line = Line::here());
  void send(mqtt::ByteView bytes, Line line = Line::here());
  /// Bytes in BytesNotation.
  void send(const char* bytes, Line line = Line::here()) { send(mqtt::ByteView(hex(bytes)), line); }
  /// One byte per write.
  void send_bytewise(const mqtt::Packet& packet, Line line = Line::here());

  /// Sends the CONNECT and expects to be accepted.
  Received<mqtt::Connack> open(const ConnectBuilder& connect, Line line = Line::here());

  /// The next packet is this one, to the byte.
  void expect(const mqtt::Packet& packet, Line line = Line::here());
  void expect(mqtt::ByteView bytes, Line line = Line::here());
  void expect(const char* bytes, Line line = Line::here()) {
    expect(mqtt::ByteView(hex(bytes)), line);
  }
  /// The next packets are these, in whatever order.
  void expect_in_any_order(std::initializer_list<mqtt::Packet> packets, Line line = Line::here());

  /// The next packet, which must be of this type, for a look at its parts.
  template <class Type>
  Received<Type> receive(Line line = Line::here());

  /// Nothing more has been sent to this peer: the next packet is the answer to a PINGREQ. Needs an
  /// open MQTT connection. It says nothing about what is still under way from another connection;
  /// have that acknowledged, or followed by a message that is expected, first.
  void expect_nothing(Line line = Line::here());

  /// The other side has closed, or does within the patience, and sends nothing before.
  void expect_closed(Line line = Line::here());

  /// Closes as a process that ends does; a second call does nothing.
  void close() { socket_.close(); }
  /// Closes with a TCP reset, as a peer that crashed.
  void reset();
  /// Ends the sending direction only.
  void finish_sending();

  /// How long a test waits before it calls a thing missing.
  static std::chrono::milliseconds patience();

 private:
  class Socket {
   public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
      std::swap(descriptor_, other.descriptor_);
      return *this;
    }
    ~Socket() { close(); }
    void close();
    int descriptor() const { return descriptor_; }

   private:
    int descriptor_;
  };

  enum class Arrival { packet, closed, nothing, not_mqtt };
  struct Next {
    Arrival arrival;
    Bytes bytes;  ///< the packet; otherwise what had come of one
  };

  explicit Peer(Socket socket) : socket_(std::move(socket)) {}

  Next next();
  Bytes next_packet(std::string_view wanted, Line line);
  mqtt::Packet decoded(mqtt::ByteView bytes, Line line);
  std::string described(const Next& next) const;

  Socket socket_;
  ProtocolVersion version_ = ProtocolVersion::v311;
  Bytes unread_;  ///< received, and not yet part of a packet that was looked at
};

/// A listening socket on 127.0.0.1, for tests of clients.
class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  std::uint16_t port() const { return port_; }
  /// Waits for a connection.
  Peer accept(Line line = Line::here());

 private:
  int descriptor_;
  std::uint16_t port_;
};

/// Fails the test at `line`, and ends it.
[[noreturn]] void fail(Line line, const std::string& reason);

template <class Type>
Received<Type> Peer::receive(Line line) {
  Bytes bytes = next_packet("a packet", line);
  // The packet borrows from the vector's memory, which moves along with it.
  const mqtt::Packet packet = decoded(bytes, line);
  const Type* typed = std::get_if<Type>(&packet);
  if (typed == nullptr) {
    fail(line, "expected " + std::string(mqtt::name(mqtt::type_of(Type{}))) + ", received " +
                   text_of(packet));
  }
  return {std::move(bytes), *typed};
}

}  // namespace test

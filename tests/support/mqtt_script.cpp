#include "support/mqtt_script.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TEST_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TEST_SANITIZED
#endif

namespace test {
namespace {

using Clock = std::chrono::steady_clock;

/// Counts as one assertion of Catch2 at `line`.
void report(Line line, Catch::ResultWas::OfType result, const std::string& message) {
  Catch::AssertionHandler handler(
      Catch::StringRef("conversation"),
      Catch::SourceLineInfo(line.file, static_cast<std::size_t>(line.number)), Catch::StringRef(),
      Catch::ResultDisposition::Normal);
  handler.handleMessage(result, message);
  handler.complete();
}

void pass(Line line) {
  report(line, Catch::ResultWas::Ok, {});
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Whether the descriptor became ready for `events` before `deadline`.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd entry{descriptor, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::max(left.count(), decltype(left.count()){0})));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw_errno("poll");
  }
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_address(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

int connected_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor, as_address(address), sizeof address) != 0) throw_errno("connect");
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

bool is_gone(int error) {
  return error == EPIPE || error == ECONNRESET;
}

}  // namespace

void fail(Line line, const std::string& reason) {
  report(line, Catch::ResultWas::ExplicitFailure, reason);
  std::abort();  // not reached: the report has ended the test
}

Peer::Peer(std::uint16_t port) : Peer(Socket(connected_to(port))) {}

void Peer::Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::chrono::milliseconds Peer::patience() {
#ifdef TEST_SANITIZED
  return std::chrono::seconds(10);
#else
  return std::chrono::seconds(5);
#endif
}

void Peer::send(const mqtt::Packet& packet, Line line) {
  if (const auto* connect = std::get_if<mqtt::Connect>(&packet)) version_ = connect->version;
  send(mqtt::ByteView(mqtt::encoded(packet, version_)), line);
}

void Peer::send(mqtt::ByteView bytes, Line line) {
  const auto deadline = Clock::now() + patience();
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (is_gone(errno)) {
      return;
    } else if (errno != EAGAIN && errno != EINTR) {
      throw_errno("send");
    } else if (!wait_for(socket_.descriptor(), POLLOUT, deadline)) {
      fail(line,
           fmt::format("the other side does not read: {} bytes are left to send", bytes.size()));
    }
  }
}

void Peer::send_bytewise(const mqtt::Packet& packet, Line line) {
  if (const auto* connect = std::get_if<mqtt::Connect>(&packet)) version_ = connect->version;
  const Bytes bytes = mqtt::encoded(packet, version_);
  for (const std::uint8_t& byte : bytes) send(mqtt::ByteView(&byte, 1), line);
}

Received<mqtt::Connack> Peer::open(const ConnectBuilder& connect, Line line) {
  send(connect, line);
  Received<mqtt::Connack> connack = receive<mqtt::Connack>(line);
  if (connack->reason != mqtt::ReasonCode::success) {
    fail(line, "expected to be accepted, received " + text_of(connack.packet));
  }
  return connack;
}

void Peer::expect(const mqtt::Packet& packet, Line line) {
  expect(mqtt::ByteView(mqtt::encoded(packet, version_)), line);
}

void Peer::expect(mqtt::ByteView bytes, Line line) {
  // What is expected may be several packets in one string of bytes.
  std::string wanted;
  Bytes received;
  while (received.size() < bytes.size()) {
    if (wanted.empty()) wanted = text_of(bytes, version_);
    const Bytes packet = next_packet(wanted, line);
    received.insert(received.end(), packet.begin(), packet.end());
    const auto begun = bytes.first(std::min(received.size(), bytes.size()));
    if (!std::equal(begun.begin(), begun.end(), received.begin(), received.end())) {
      fail(line, fmt::format("expected: {}\n          {}\nreceived: {}\n          {}", wanted,
                             hex_of(bytes), text_of(received, version_), hex_of(received)));
    }
  }
  pass(line);
}

void Peer::expect_in_any_order(std::initializer_list<mqtt::Packet> packets, Line line) {
  std::vector<Bytes> open;
  for (const mqtt::Packet& packet : packets) open.push_back(mqtt::encoded(packet, version_));
  while (!open.empty()) {
    std::string wanted = "any of";
    for (const Bytes& bytes : open) wanted += "\n          " + text_of(bytes, version_);
    const Bytes received = next_packet(wanted, line);
    const auto found = std::find(open.begin(), open.end(), received);
    if (found == open.end()) {
      fail(line, fmt::format("expected: {}\nreceived: {}\n          {}", wanted,
                             text_of(received, version_), hex_of(received)));
    }
    open.erase(found);
  }
  pass(line);
}

void Peer::expect_nothing(Line line) {
  send(pingreq(), line);
  expect(pingresp(), line);
}

void Peer::expect_closed(Line line) {
  const Next arrived = next();
  if (arrived.arrival != Arrival::closed || !arrived.bytes.empty()) {
    fail(line, "expected: the close\nreceived: " + described(arrived));
  }
  pass(line);
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Peer::finish_sending() {
  ::shutdown(socket_.descriptor(), SHUT_WR);
}

Peer::Next Peer::next() {
  const auto deadline = Clock::now() + patience();
  for (;;) {
    const mqtt::FrameResult result = mqtt::read_frame(unread_, mqtt::max_encodable_size);
    if (result.status == mqtt::FrameStatus::malformed) return {Arrival::not_mqtt, unread_};
    if (result.status == mqtt::FrameStatus::frame) {
      const auto end = unread_.begin() + static_cast<std::ptrdiff_t>(result.frame.size);
      Bytes packet(unread_.begin(), end);
      unread_.erase(unread_.begin(), end);
      return {Arrival::packet, std::move(packet)};
    }

    if (!wait_for(socket_.descriptor(), POLLIN, deadline)) return {Arrival::nothing, unread_};
    std::array<std::uint8_t, 16384> chunk;
    const ssize_t size = ::recv(socket_.descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (size > 0) {
      unread_.insert(unread_.end(), chunk.begin(), chunk.begin() + size);
    } else if (size == 0 || is_gone(errno)) {
      return {Arrival::closed, unread_};
    } else if (errno != EAGAIN && errno != EINTR) {
      throw_errno("recv");
    }
  }
}

Bytes Peer::next_packet(std::string_view wanted, Line line) {
  Next arrived = next();
  if (arrived.arrival != Arrival::packet) {
    fail(line, fmt::format("expected: {}\nreceived: {}", wanted, described(arrived)));
  }
  return std::move(arrived.bytes);
}

mqtt::Packet Peer::decoded(mqtt::ByteView bytes, Line line) {
  if (!bytes.empty() && bytes.front() >> 4 == static_cast<unsigned>(mqtt::PacketType::connect)) {
    if (const auto connect = mqtt::decode_connect(mqtt::read_frame(bytes, bytes.size()).frame)) {
      version_ = connect->version;
    }
  }
  const auto result = mqtt::decode(bytes, version_, bytes.size());
  const auto* packet = std::get_if<mqtt::DecodedPacket>(&result);
  if (packet == nullptr)
    fail(line, "received what is no valid packet: " + text_of(bytes, version_));
  return packet->packet;
}

std::string Peer::described(const Next& next) const {
  const std::string bytes = text_of(next.bytes, version_);
  switch (next.arrival) {
    case Arrival::packet:
      return bytes;
    case Arrival::closed:
      return next.bytes.empty() ? "the close" : "the close after " + bytes;
    case Arrival::nothing:
      return fmt::format("{} within {} ms", bytes, patience().count());
    case Arrival::not_mqtt:
      return "no MQTT: " + hex_of(next.bytes);
  }
  return bytes;
}

Listener::Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) throw_errno("socket");
  sockaddr_in address = loopback(0);
  if (::bind(descriptor_, as_address(address), sizeof address) != 0) throw_errno("bind");
  if (::listen(descriptor_, 16) != 0) throw_errno("listen");
  socklen_t size = sizeof address;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw_errno("getsockname");
  }
  port_ = ntohs(address.sin_port);
}

Listener::~Listener() {
  ::close(descriptor_);
}

Peer Listener::accept(Line line) {
  if (!wait_for(descriptor_, POLLIN, Clock::now() + Peer::patience())) {
    fail(line, "expected: a connection\nreceived: none");
  }
  const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  if (accepted < 0) throw_errno("accept");
  return Peer::of_socket(accepted);
}

}  // namespace test

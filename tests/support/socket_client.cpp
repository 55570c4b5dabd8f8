#include "support/socket_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"
#include "support/mqtt_script.h"

namespace test {
namespace {

bool wait_for(int descriptor, short events) {
  pollfd entry{descriptor, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, static_cast<int>(Peer::patience().count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool try_again(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

SocketClient::SocketClient(std::uint16_t port, int receive_buffer)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  if (receive_buffer != 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close();
    throw std::system_error(error, std::generic_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

SocketClient::SocketClient(SocketClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      version_(other.version_),
      unread_(std::move(other.unread_)),
      taken_(other.taken_) {}

SocketClient& SocketClient::operator=(SocketClient&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(version_, other.version_);
  std::swap(unread_, other.unread_);
  std::swap(taken_, other.taken_);
  return *this;
}

bool SocketClient::send(const mqtt::Packet& packet) {
  if (const auto* connect = std::get_if<mqtt::Connect>(&packet)) version_ = connect->version;
  return send(mqtt::ByteView(mqtt::encoded(packet, version_)));
}

bool SocketClient::send(mqtt::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (!try_again(errno) || !wait_for(descriptor_, POLLOUT)) {
      return false;
    }
  }
  return true;
}

SocketClient::Arrived SocketClient::receive() {
  for (;;) {
    const mqtt::ByteView unread = mqtt::ByteView(unread_).subspan(taken_);
    const mqtt::FrameResult frame = mqtt::read_frame(unread, mqtt::max_encodable_size);
    if (frame.status == mqtt::FrameStatus::malformed) return {Arrival::not_mqtt, {}, {}};
    if (frame.status == mqtt::FrameStatus::frame) {
      const auto whole = unread.first(frame.frame.size);
      Arrived arrived{Arrival::packet, Bytes(whole.begin(), whole.end()), {}};
      taken_ += whole.size();
      const auto decoded = mqtt::decode(arrived.bytes, version_, arrived.bytes.size());
      const auto* packet = std::get_if<mqtt::DecodedPacket>(&decoded);
      if (packet == nullptr) return {Arrival::not_mqtt, {}, {}};
      arrived.packet = packet->packet;
      return arrived;
    }
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    if (!wait_for(descriptor_, POLLIN)) return {Arrival::nothing, {}, {}};
    std::array<std::uint8_t, 65536> chunk;
    const ssize_t size = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (size > 0) {
      unread_.insert(unread_.end(), chunk.begin(), chunk.begin() + size);
    } else if (size == 0 || !try_again(errno)) {
      return {Arrival::closed, {}, {}};
    }
  }
}

bool SocketClient::open(const ConnectBuilder& connect) {
  if (!send(connect)) return false;
  const Arrived answer = receive();
  const auto* connack = answer.as<mqtt::Connack>();
  return connack != nullptr && connack->reason == mqtt::ReasonCode::success;
}

bool SocketClient::drain_until_closed() {
  for (;;) {
    const Arrival what = receive().what;
    if (what != Arrival::packet) return what == Arrival::closed;
  }
}

void SocketClient::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void SocketClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace test

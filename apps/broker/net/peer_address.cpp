#include "net/peer_address.h"

#include <arpa/inet.h>

#include <array>

namespace broker {

PeerAddress::PeerAddress(const mqtt::io::Stream::Peer& peer) : port_(peer.port) {
  in_addr parsed{};
  if (inet_pton(AF_INET, peer.address.c_str(), &parsed) == 1) {
    ipv4_ = parsed.s_addr;
  } else {
    text_ = std::make_unique<const std::string>(peer.address);
  }
}

std::string PeerAddress::address() const {
  if (text_) return *text_;
  std::array<char, INET_ADDRSTRLEN> text{};
  const in_addr address{ipv4_};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

}  // namespace broker

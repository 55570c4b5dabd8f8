#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mqtt/io/stream.h"

namespace broker {

/// Where a connection comes from, remembered from its beginning: the system forgets it as soon as
/// the peer resets the connection. Sixteen bytes for IPv4, for others the text.
class PeerAddress {
 public:
  explicit PeerAddress(const mqtt::io::Stream::Peer& peer);

  std::string address() const;
  std::uint16_t port() const { return port_; }

 private:
  std::unique_ptr<const std::string> text_;  ///< nullptr: IPv4
  std::uint32_t ipv4_ = 0;                   ///< as in_addr has it
  std::uint16_t port_;
};

}  // namespace broker

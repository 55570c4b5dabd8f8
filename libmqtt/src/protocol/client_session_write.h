#pragma once

#include "mqtt/protocol/client_session.h"
#include "mqtt/protocol/encode.h"

namespace mqtt {

/// Appends an encoded packet to `out`.
template <class Packet>
void ClientSession::write(const Packet& packet, Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + encoded_size(packet, parameters_.version));
  encode(packet, parameters_.version, out.data() + begin);
  on_written(begin, out);
}

}  // namespace mqtt

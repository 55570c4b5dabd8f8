#pragma once

#include <cstdint>

#include "message/message.h"

namespace broker {

/// The Will of one connection, from its CONNECT.
struct Will {
  MessagePtr message;          ///< its expiry starts when it is published
  std::uint32_t delay_s = 0;   ///< Will Delay Interval
  std::uint32_t expiry_s = 0;  ///< Message Expiry Interval; 0: none
};

}  // namespace broker

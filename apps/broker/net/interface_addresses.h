#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/io/socket_address.h"

namespace broker {

/// The IP addresses that a network interface has now, each with `port`; of one family if it is
/// AF_INET or AF_INET6. At least one: the error says why there is none.
tl::expected<std::vector<mqtt::io::SocketAddress>, std::string> interface_addresses(
    const std::string& name, std::uint16_t port, int family);

}  // namespace broker

#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "mqtt/client/endpoint.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/stream.h"

namespace mqtt::client {

/// Makes the stream of one connection attempt: not yet started, or the reason why there is none.
using Transport = std::function<tl::expected<io::StreamPtr, std::string>(io::Loop&)>;

/// The transport that leads to `endpoint`, its layers stacked.
Transport transport_to(Endpoint endpoint);

}  // namespace mqtt::client

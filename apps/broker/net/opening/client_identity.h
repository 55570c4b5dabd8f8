#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/config.h"
#include "mqtt/io/stream.h"
#include "mqtt/protocol/packet.h"
#include "net/opening/refusal.h"

namespace broker {

/// Who a connection's layers say its client is.
struct VouchedIdentity {
  enum class By : std::uint8_t {
    nobody,
    tls,   ///< of this stream: nobody else is asked
    proxy  ///< has verified the client's certificate: the authenticator is asked all the same
  };
  By by = By::nobody;
  std::string user_name;
};

/// Where the listener takes user names from TLS, its own or that of a proxy: the client's, whatever
/// its CONNECT says.
tl::expected<VouchedIdentity, Refusal> vouched_identity(const mqtt::io::Stream& stream,
                                                        const ListenerConfig& listener);

/// The client's own identifier, a generated one, or its user name where the listener says so.
tl::expected<std::string, Refusal> choose_client_id(const mqtt::Connect& packet,
                                                    const VouchedIdentity& identity,
                                                    const Config& config,
                                                    const ListenerConfig& listener);

}  // namespace broker

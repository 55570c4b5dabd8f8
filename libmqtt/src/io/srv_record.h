#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// One host that offers a service, as a name server tells it.
struct SrvRecord {
  std::uint16_t priority = 0;  ///< the lower, the sooner
  std::uint16_t weight = 0;    ///< among those of the same priority: how often it comes first
  std::uint16_t port = 0;
  std::string target;  ///< "." says: nobody offers it

  bool operator==(const SrvRecord&) const = default;
};

/// More hosts than that are not tried.
inline constexpr std::size_t max_srv_records = 64;

/// The SRV records in the answer section of a DNS message; what else stands there (the CNAME that
/// led to them) is skipped. The error is a ServiceError.
tl::expected<std::vector<SrvRecord>, int> parse_srv_answer(ByteView message);

/// Brings records into the order in which to try them: by priority, and among equals at random, by
/// weight (RFC 2782). `pick` answers with a number from 0 to the given one.
void order_by_weight(std::vector<SrvRecord>& records,
                     const std::function<std::uint32_t(std::uint32_t most)>& pick);

}  // namespace mqtt::io

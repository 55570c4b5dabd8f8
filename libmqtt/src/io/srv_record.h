#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt::io {

/// A host of a service, from an SRV record.
struct SrvRecord {
  std::uint16_t priority = 0;  ///< the lower, the sooner
  std::uint16_t weight = 0;    ///< among those of the same priority: how often it comes first
  std::uint16_t port = 0;
  std::string target;  ///< "." says: nobody offers it

  bool operator==(const SrvRecord&) const = default;
};

/// The maximum number of hosts to try.
inline constexpr std::size_t max_srv_records = 64;

/// The SRV records in the answer section of a DNS message; other records (the CNAME that led to
/// them) are skipped. The error is a ServiceError.
tl::expected<std::vector<SrvRecord>, int> parse_srv_answer(ByteView message);

/// Sorts records into the order in which to try them: by priority, and among equals at random, by
/// weight (RFC 2782). `pick` returns a random number from 0 to its argument.
void order_by_weight(std::vector<SrvRecord>& records,
                     const std::function<std::uint32_t(std::uint32_t most)>& pick);

}  // namespace mqtt::io

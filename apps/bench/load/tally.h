#pragma once

#include <cstdint>

#include "bench/result/histogram.h"
#include "bench/result/result.h"

namespace bench {

/// The counts of one load thread. Written by that thread only.
struct Tally {
  Counts counts;  ///< all except `expected` and `lost`, which are known only at the end

  Histogram connect;
  Histogram tls;
  Histogram subscribe;
  Histogram completion;      ///< PUBLISH to PUBACK or PUBCOMP
  Histogram arrival;         ///< sent, or due, to received
  Histogram arrival_before;  ///< the same in the warm-up

  // For the time line: of the whole run, warm-up included.
  std::uint64_t all_published = 0;
  std::uint64_t all_delivered = 0;
  std::uint64_t all_connected = 0;

  std::uint64_t stalled_delivered = 0;  ///< to stalled receivers, which are not counted elsewhere
  std::uint64_t written_off = 0;        ///< closed loop: messages no longer awaited
  std::uint64_t unsent = 0;             ///< open loop: messages that were due but could not be sent

  void add(const Tally& other);
};

}  // namespace bench

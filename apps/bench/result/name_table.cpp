#include "bench/result/name_table.h"

#include <array>

namespace bench {

std::span<const LatencyRow> latency_rows() {
  static constexpr std::array rows{
      LatencyRow{"end-to-end", "from the publisher to the subscriber"},
      LatencyRow{"puback", "from PUBLISH to its completion (QoS 1: PUBACK, QoS 2: PUBCOMP)"},
      LatencyRow{"request", "from a request to its response"},
      LatencyRow{"connect", "from opening the connection to CONNACK"},
      LatencyRow{"tls", "the TLS handshake"},
      LatencyRow{"subscribe", "from SUBSCRIBE to SUBACK"},
  };
  return rows;
}

std::span<const FigureRow> figure_rows() {
  static constexpr std::array rows{
      FigureRow{"connections-per-second", "/s", Better::higher, "connections made per second"},
      FigureRow{"drain-rate", "/s", Better::higher, "queued messages that arrived per second"},
  };
  return rows;
}

}  // namespace bench

#include "bench/result/name_table.h"

#include <array>

namespace bench {

std::span<const LatencyRow> latency_rows() {
  static constexpr std::array rows{
      LatencyRow{"end-to-end", "from publisher to subscriber"},
      LatencyRow{"puback", "from PUBLISH to completion (QoS 1: PUBACK, QoS 2: PUBCOMP)"},
      LatencyRow{"request", "from request to response"},
      LatencyRow{"replay", "from SUBSCRIBE to a retained message"},
      LatencyRow{"drain", "from session resumption to a queued message"},
      LatencyRow{"connect", "from opening the connection to CONNACK"},
      LatencyRow{"tls", "for the TLS handshake"},
      LatencyRow{"subscribe", "from SUBSCRIBE to SUBACK"},
  };
  return rows;
}

std::span<const FigureRow> figure_rows() {
  static constexpr std::array rows{
      FigureRow{"connect-rate", "/s", Better::higher,
                "clients connected (and subscribed) per second"},
      FigureRow{"reconnect-rate", "/s", Better::higher, "clients reconnected per second"},
      FigureRow{"set-rate", "/s", Better::higher, "retained messages stored per second"},
      FigureRow{"replay-rate", "/s", Better::higher, "retained messages delivered per second"},
      FigureRow{"fill-rate", "/s", Better::higher,
                "messages queued for offline sessions per second"},
      FigureRow{"drain-rate", "/s", Better::higher, "queued messages delivered per second"},
      FigureRow{"idle-cpu", "cores", Better::lower, "the broker's CPU use while clients are idle"},
      FigureRow{"p50-before-stall", "ms", Better::lower,
                "end-to-end latency before subscribers stop reading"},
      FigureRow{"p99-before-stall", "ms", Better::lower,
                "end-to-end latency before subscribers stop reading"},
      FigureRow{"delivered-to-stalled", "", Better::neither,
                "messages delivered to stalled subscribers"},
  };
  return rows;
}

}  // namespace bench

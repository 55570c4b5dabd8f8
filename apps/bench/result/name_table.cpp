#include "bench/result/name_table.h"

#include <array>

namespace bench {

std::span<const LatencyRow> latency_rows() {
  static constexpr std::array rows{
      LatencyRow{"end-to-end", "from the publisher to the subscriber"},
      LatencyRow{"puback", "from PUBLISH to its completion (QoS 1: PUBACK, QoS 2: PUBCOMP)"},
      LatencyRow{"request", "from a request to its response"},
      LatencyRow{"replay", "from SUBSCRIBE to a retained message"},
      LatencyRow{"drain", "from the return of a session to a message that waited for it"},
      LatencyRow{"connect", "from opening the connection to CONNACK"},
      LatencyRow{"tls", "the TLS handshake"},
      LatencyRow{"subscribe", "from SUBSCRIBE to SUBACK"},
  };
  return rows;
}

std::span<const FigureRow> figure_rows() {
  static constexpr std::array rows{
      FigureRow{"connect-rate", "/s", Better::higher,
                "clients connected (and subscribed) per second"},
      FigureRow{"reconnect-rate", "/s", Better::higher, "clients that came back per second"},
      FigureRow{"set-rate", "/s", Better::higher, "retained messages set per second"},
      FigureRow{"replay-rate", "/s", Better::higher, "retained messages delivered per second"},
      FigureRow{"fill-rate", "/s", Better::higher,
                "messages queued for absent sessions per second"},
      FigureRow{"drain-rate", "/s", Better::higher, "queued messages that arrived per second"},
      FigureRow{"idle-cpu", "cores", Better::lower, "the broker's CPU use while clients are held"},
      FigureRow{"p50-before-stall", "ms", Better::lower, "end-to-end before some stop reading"},
      FigureRow{"p99-before-stall", "ms", Better::lower, "end-to-end before some stop reading"},
      FigureRow{"delivered-to-stalled", "", Better::neither, "messages to those that stop reading"},
  };
  return rows;
}

}  // namespace bench

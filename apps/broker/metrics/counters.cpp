#include "metrics/counters.h"

namespace broker {

static_assert(static_cast<int>(Count::delivered_qos2) - static_cast<int>(Count::delivered_qos0) ==
              2);

const CountInfo& info(Count count) {
#define BROKER_ROW(name, kind, text) CountInfo{#name, CountKind::kind, text},
  static constexpr std::array<CountInfo, number_of_counts> rows{{BROKER_COUNTS(BROKER_ROW)}};
#undef BROKER_ROW
  return rows[static_cast<std::size_t>(count)];
}

}  // namespace broker

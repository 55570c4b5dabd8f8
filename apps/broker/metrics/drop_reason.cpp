#include "metrics/drop_reason.h"

#include <array>

namespace broker {

const DropReasonInfo& info(DropReason reason) {
#define BROKER_ROW(name, kind, text) DropReasonInfo{#name, DropKind::kind, text},
  static constexpr std::array<DropReasonInfo, number_of_drop_reasons> rows{
      {BROKER_DROP_REASONS(BROKER_ROW)}};
#undef BROKER_ROW
  return rows[static_cast<std::size_t>(reason)];
}

}  // namespace broker

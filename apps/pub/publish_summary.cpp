#include "pub/publish_summary.h"

#include <fmt/format.h>

namespace pub {

std::string summary_line(const PublishCounts& counts, std::chrono::duration<double> time,
                         SummaryForm form) {
  const double seconds = time.count();
  const double rate = seconds > 0 ? static_cast<double>(counts.sent) / seconds : 0;
  if (form == SummaryForm::json) {
    return fmt::format(
        "{{\"sent\":{},\"acknowledged\":{},\"failed\":{},\"unanswered\":{},\"bytes\":{},"
        "\"seconds\":{:.6f},\"rate\":{:.1f}}}\n",
        counts.sent, counts.acknowledged, counts.failed, counts.unanswered, counts.bytes, seconds,
        rate);
  }
  return fmt::format(
      "sent {}, acknowledged {}, failed {}, unanswered {}, {} bytes in {:.3f} s, {:.1f}/s\n",
      counts.sent, counts.acknowledged, counts.failed, counts.unanswered, counts.bytes, seconds,
      rate);
}

}  // namespace pub

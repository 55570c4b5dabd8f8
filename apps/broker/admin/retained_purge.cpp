#include "admin/retained_purge.h"

namespace broker {

void RetainedPurge::arm() {
  const std::int64_t interval_s = context_.here.config->delivery.retain_expiry_interval_s;
  if (interval_s == 0) return context_.here.worker.timers().disarm(*this);
  context_.here.worker.timers().arm(*this, context_.here.worker.now() + interval_s * 1000);
}

void RetainedPurge::on_timer() {
  const std::size_t removed = context_.retained.purge_expired(context_.here.worker.now());
  if (removed == 0) return arm();
  context_.here.log.information("Removed {} expired retained messages.", removed);
  // One call removes a bounded number, so that the worker is not held up: on to the next in a
  // moment.
  context_.here.worker.timers().arm(*this, context_.here.worker.now() + 1);
}

}  // namespace broker

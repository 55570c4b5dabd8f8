#include "admin/housekeeping.h"

namespace broker {

Housekeeping::Housekeeping(SessionContext& first, const Metrics& metrics,
                           const WorkerGroup& workers)
    : context_(first),
      sys_topics_(first, metrics),
      retained_purge_(first),
      memory_watch_(first, metrics),
      memory_return_(first, workers.all()),
      log_topics_(first) {}

void Housekeeping::start() {
  memory_watch_.configure();
  sys_topics_.start();
  retained_purge_.start();
  memory_return_.start();
}

void Housekeeping::reconfigure(const Config& before) {
  const Config& now = *context_.here.config;
  if (before.sys_interval_s != now.sys_interval_s) sys_topics_.change_interval();
  if (before.delivery.retain_expiry_interval_s != now.delivery.retain_expiry_interval_s)
    retained_purge_.start();
  memory_watch_.configure();
}

}  // namespace broker

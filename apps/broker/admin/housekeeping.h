#pragma once

#include "admin/log_topics.h"
#include "admin/memory_return.h"
#include "admin/memory_watch.h"
#include "admin/retained_purge.h"
#include "admin/sys_topics.h"
#include "config/config.h"
#include "metrics/metrics.h"
#include "runtime/worker_group.h"
#include "session/session_context.h"

namespace broker {

/// All that the broker does now and then without being asked, and what it tells of itself. Lives on
/// the first worker, whose thread calls and destroys it; made before that worker runs.
class Housekeeping {
 public:
  /// `first`: the first worker's. What is logged from here on is published as well.
  Housekeeping(SessionContext& first, const Metrics& metrics, const WorkerGroup& workers);

  void start();
  /// Another configuration than `before` is in force.
  void reconfigure(const Config& before);

 private:
  SessionContext& context_;
  SysTopics sys_topics_;
  RetainedPurge retained_purge_;
  MemoryWatch memory_watch_;
  MemoryReturn memory_return_;
  LogTopics log_topics_;
};

}  // namespace broker

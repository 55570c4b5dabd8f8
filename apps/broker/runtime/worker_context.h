#pragma once

#include <memory>

#include "config/config.h"
#include "log/log.h"
#include "metrics/counters.h"
#include "runtime/worker.h"

namespace broker {

/// What everything that runs on one worker works with. One per worker; outlives what refers to it.
struct WorkerContext {
  Worker& worker;
  Log& log;                              ///< all workers'; guards itself
  Counters& counters;                    ///< this worker's
  std::shared_ptr<const Config> config;  ///< replaced as a whole by a reload
};

}  // namespace broker

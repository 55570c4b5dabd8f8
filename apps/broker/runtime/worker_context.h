#pragma once

#include <memory>

#include "config/config.h"
#include "log/log.h"
#include "metrics/counters.h"
#include "runtime/worker.h"

namespace broker {

/// The services that everything on one worker uses. One per worker; outlives its users.
struct WorkerContext {
  Worker& worker;
  Log& log;                              ///< shared by all workers; thread-safe
  Counters& counters;                    ///< this worker's
  std::shared_ptr<const Config> config;  ///< replaced as a whole by a reload
};

}  // namespace broker

#pragma once

#include <memory>
#include <vector>

#include "bench/load/load_plan.h"
#include "bench/load/load_thread.h"
#include "bench/load/tally.h"
#include "bench/result/result.h"

namespace bench {

/// Compares what was sent with what arrived, after the threads have stopped: sets `counts`,
/// `latencies` and `failures`.
void settle(const LoadPlan& plan, const std::vector<std::unique_ptr<LoadThread>>& threads,
            Result& result);

}  // namespace bench

#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/bench_options.h"
#include "bench/load/load_plan.h"
#include "bench/result/result.h"
#include "bench/verdict/expectation.h"

namespace bench {

struct BenchPlan {
  LoadPlan load;
  RunSettings settings;
  std::vector<Expectation> expectations;
  std::vector<std::string> notes;  ///< where the plan differs from the options
};

/// Turns options into a plan: loads the files that they name, but does not contact a broker.
tl::expected<BenchPlan, std::string> make_plan(BenchOptions& options);

/// The words as typed, without passwords and keys.
std::string shown_command_line(const std::vector<std::string>& words);

}  // namespace bench

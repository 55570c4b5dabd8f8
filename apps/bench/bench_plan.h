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
  std::vector<std::string> notes;  ///< what was done otherwise than asked for
};

/// What the options mean: loads the files that they name, but looks for no broker yet.
tl::expected<BenchPlan, std::string> make_plan(BenchOptions& options);

/// The words as typed, without what is nobody's business: passwords and keys.
std::string shown_command_line(const std::vector<std::string>& words);

}  // namespace bench

#pragma once

#include <string>
#include <vector>

#include "bench/load/scenario.h"

namespace bench {

/// `mqtt-bench <scenario> [option...]`: `words` are those after the scenario's name. The status
/// for `main`.
int run_scenario(const Scenario& scenario, std::vector<std::string> words);

}  // namespace bench

#pragma once

#include <string>
#include <vector>

#include "bench/verdict/comparison.h"

namespace bench {

/// Every run of a comparison as a dot, one band per metric with A above B, and each side's median
/// as a bar: shows the difference of the sides compared with the spread of their runs. Each band
/// begins at 0 and ends at its maximum. Empty if nothing was measured.
std::string run_dots(const Comparison& comparison);

}  // namespace bench

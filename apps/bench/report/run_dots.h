#pragma once

#include <string>
#include <vector>

#include "bench/verdict/comparison.h"

namespace bench {

/// Every run of a comparison as a dot, one band per metric with A above B, and each side's median
/// as a bar: how far the sides lie apart beside how far their runs scatter. Each band begins at 0
/// and ends at its greatest value. Empty if nothing was measured.
std::string run_dots(const Comparison& comparison);

}  // namespace bench

#pragma once

#include <string>

#include "bench/result/result.h"

namespace bench {

/// The result as bare lines.
std::string plain_summary(const Result& result);

}  // namespace bench

#pragma once

#include <string>

#include "bench/result/result.h"

namespace bench {

/// The result as one self-contained HTML page: no script, no other file, no network.
std::string page(const Result& result);

}  // namespace bench

#pragma once

#include <string>

#include "bench/result/result.h"

namespace bench {

/// The result as one HTML page that needs nothing else: no script, no other file, no network.
std::string page(const Result& result);

}  // namespace bench

#pragma once

#include <chrono>
#include <string>

namespace rr {

/// "750ns", "1.500000µs", "1.500000ms" and, from a second on, "1.500000000".
std::string latency_text(std::chrono::nanoseconds latency);

}  // namespace rr

#include "rr/latency_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace rr {

std::string latency_text(std::chrono::nanoseconds latency) {
  const std::int64_t ns = latency.count();
  constexpr std::int64_t microsecond = 1'000;
  constexpr std::int64_t millisecond = 1'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  if (ns < microsecond) return fmt::format("{}ns", ns);
  if (ns < millisecond) return fmt::format("{:.6f}µs", static_cast<double>(ns) / microsecond);
  if (ns < second) return fmt::format("{:.6f}ms", static_cast<double>(ns) / millisecond);
  return fmt::format("{}.{:09}", ns / second, ns % second);
}

}  // namespace rr

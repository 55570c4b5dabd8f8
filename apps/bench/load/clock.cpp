#include "bench/load/clock.h"

namespace bench {
namespace {

Nanoseconds steady() {
  return static_cast<Nanoseconds>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                      std::chrono::steady_clock::now().time_since_epoch())
                                      .count());
}

Nanoseconds system_ahead_of_steady() {
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<Nanoseconds>(
             std::chrono::duration_cast<std::chrono::nanoseconds>(system).count()) -
         steady();
}

const Nanoseconds ahead = system_ahead_of_steady();

}  // namespace

Nanoseconds now() {
  return steady() + ahead;
}

}  // namespace bench

#include "admin/load_average.h"

#include <cmath>

namespace broker {

void LoadAverage::update(std::int64_t count, double elapsed_s) {
  const double per_minute = static_cast<double>(count - last_count_) * 60.0 / elapsed_s;
  last_count_ = count;
  for (std::size_t i = 0; i < periods_s.size(); ++i) {
    values_[i] = per_minute + std::exp(-elapsed_s / periods_s[i]) * (values_[i] - per_minute);
  }
}

}  // namespace broker

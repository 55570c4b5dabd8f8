#include "bench/result/histogram.h"

#include <algorithm>
#include <cmath>

namespace bench {

std::optional<Histogram> Histogram::from_steps(std::span<const Step> steps, std::uint64_t min,
                                               std::uint64_t max, double mean) {
  Histogram made;
  if (steps.empty()) return made;
  if (min > max || !std::isfinite(mean) || mean < 0) return std::nullopt;
  for (const Step& step : steps) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - made.count_;
    if (step.count == 0 || step.count > room) return std::nullopt;
    made.record(step.upper_bound, step.count);
  }
  made.min_ = min;
  made.max_ = max;
  made.sum_ = mean * static_cast<double>(made.count_);
  return made;
}

void Histogram::record(std::uint64_t nanoseconds, std::uint64_t times) {
  if (times == 0) return;
  if (!counts_) counts_ = std::make_unique<std::array<std::uint64_t, slots>>();
  (*counts_)[slot_of(nanoseconds)] += times;
  count_ += times;
  min_ = std::min(min_, nanoseconds);
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds) * static_cast<double>(times);
}

void Histogram::add(const Histogram& other) {
  if (other.count_ == 0) return;
  if (!counts_) counts_ = std::make_unique<std::array<std::uint64_t, slots>>();
  for (std::size_t i = 0; i < slots; ++i) (*counts_)[i] += (*other.counts_)[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram recent;
  if (count_ == earlier.count_) return recent;
  recent.counts_ = std::make_unique<std::array<std::uint64_t, slots>>();
  for (std::size_t i = 0; i < slots; ++i) {
    const std::uint64_t before = earlier.counts_ ? (*earlier.counts_)[i] : 0;
    const std::uint64_t count = (*counts_)[i] - before;
    if (count == 0) continue;
    (*recent.counts_)[i] = count;
    recent.min_ = std::min({recent.min_, upper_bound_of(i), max_});
    recent.max_ = std::min(upper_bound_of(i), max_);
  }
  recent.count_ = count_ - earlier.count_;
  recent.sum_ = sum_ - earlier.sum_;
  return recent;
}

void Histogram::clear() {
  if (counts_) counts_->fill(0);
  count_ = 0;
  min_ = std::numeric_limits<std::uint64_t>::max();
  max_ = 0;
  sum_ = 0;
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::quantile(double fraction) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < slots; ++i) {
    seen += (*counts_)[i];
    if (seen != 0 && static_cast<double>(seen) >= wanted) {
      return std::clamp(upper_bound_of(i), min_, max_);
    }
  }
  return max_;
}

std::size_t Histogram::slot_of(std::uint64_t nanoseconds) {
  constexpr std::uint64_t ceiling = (std::uint64_t{1} << max_bits) - 1;
  const std::uint64_t value = std::min(nanoseconds, ceiling);
  const auto bits = static_cast<unsigned>(std::bit_width(value));
  if (bits <= linear_bits) return static_cast<std::size_t>(value);
  const unsigned octave = bits - linear_bits;  // the value's step is 2^octave ns wide
  return octave * half + static_cast<std::size_t>(value >> octave);
}

std::uint64_t Histogram::upper_bound_of(std::size_t slot) {
  if (slot < 2 * half) return slot;
  const std::size_t octave = slot / half - 1;
  return ((slot - octave * half + 1) << octave) - 1;
}

}  // namespace bench

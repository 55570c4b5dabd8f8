#include "bench/report/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace bench {
namespace {

/// The least of 1, 2 and 5 times a power of ten that is not below `value`.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= value * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// The greatest that is not above it.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= value * (1 + 1e-9)) return factor * power;
  }
  return power;
}

/// Bytes are counted in powers of two.
double step_for(double most, Unit unit) {
  constexpr double wanted_steps = 4;
  const double step = most / wanted_steps;
  if (unit == Unit::bytes || unit == Unit::bytes_per_second) {
    return std::exp2(std::ceil(std::log2(step)));
  }
  const double rounded = round_up(step);
  return unit == Unit::count ? std::max(rounded, 1.0) : rounded;
}

std::string trimmed(double value) {
  return fmt::format("{:.6g}", value);
}

std::string with_thousands(double value) {
  struct Step {
    double size;
    const char* letter;
  };
  static constexpr std::array steps{Step{1e9, "G"}, Step{1e6, "M"}, Step{1e3, "k"}};
  for (const Step& step : steps) {
    if (value >= step.size) return trimmed(value / step.size) + step.letter;
  }
  return trimmed(value);
}

/// `show` without the zeros behind the point.
std::string shortened(double value, Unit unit) {
  const std::string text = show(value, unit);
  const std::size_t space = text.find(' ');
  std::string digits = text.substr(0, space);
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return space == std::string::npos ? digits : digits + text.substr(space);
}

}  // namespace

Scale Scale::linear(double most, Unit unit) {
  const double end = most > 0 && std::isfinite(most) ? most : 1;
  const double step = step_for(end, unit);
  const auto steps = static_cast<int>(std::ceil(end / step * (1 - 1e-9)));
  Scale scale(0, step * steps, false);
  for (int i = 0; i <= steps; ++i) {
    scale.ticks_.push_back({step * i, axis_label(step * i, unit)});
  }
  return scale;
}

Scale Scale::logarithmic(double least, double most, Unit unit) {
  const double low = round_down(least);
  double high = round_up(most);
  if (high <= low) high = low * 10;
  Scale scale(low, high, true);
  // Over many powers of ten, 2 and 5 would be too much.
  const bool only_powers = high / low > 1e4;
  for (double power = std::pow(10, std::floor(std::log10(low))); power <= high * 1.001;
       power *= 10) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * power;
      if (value < low * 0.999 || value > high * 1.001 || (only_powers && factor > 1)) continue;
      scale.ticks_.push_back({value, axis_label(value, unit)});
    }
  }
  return scale;
}

Scale Scale::time(double begin, double end) {
  const double length = end > begin ? end - begin : 1;
  Scale scale(begin, begin + length, false);
  const bool in_minutes = length > 300;
  const double unit = in_minutes ? 60 : 1;
  const double step = round_up(length / unit / 8) * unit;
  for (double value = std::ceil(begin / step) * step; value <= begin + length * 1.001;
       value += step) {
    scale.ticks_.push_back({value, trimmed(value / unit) + (in_minutes ? " min" : " s")});
  }
  return scale;
}

Scale Scale::labelled(double low, double high, std::vector<Tick> ticks) {
  Scale scale(low, high, false);
  scale.ticks_ = std::move(ticks);
  return scale;
}

Scale& Scale::map_to(double from, double to) {
  from_ = from;
  to_ = to;
  return *this;
}

double Scale::at(double value) const {
  const double inside = std::clamp(value, low_, high_);
  const double share = is_logarithmic_ ? std::log(inside / low_) / std::log(high_ / low_)
                                       : (inside - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

std::string axis_label(double value, Unit unit) {
  switch (unit) {
    case Unit::per_second:
      return with_thousands(value) + "/s";
    case Unit::count:
    case Unit::number:
      return with_thousands(value);
    case Unit::cores:
      return trimmed(value);
    case Unit::bytes:
    case Unit::bytes_per_second:
    case Unit::duration:
    case Unit::share:
      break;
  }
  return value == 0 ? "0" : shortened(value, unit);
}

}  // namespace bench

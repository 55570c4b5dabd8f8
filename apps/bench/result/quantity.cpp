#include "bench/result/quantity.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace bench {
namespace {

struct Scale {
  double in_base;
  std::string_view name;
};

/// Three digits, more where a number before the point has more.
std::string three_digits(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 0.0995) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

/// In the largest unit that leaves a number of at least 1.
std::string scaled(double value, std::span<const Scale> scales) {
  const Scale& least = scales.back();
  const bool is_whole = std::floor(value) == value && least.in_base == 1;
  if (is_whole && std::abs(value) < 1000) return fmt::format("{:.0f} {}", value, least.name);
  for (const Scale& scale : scales) {
    // 999.6 ns would be shown as 1000 ns.
    if (std::abs(value) >= scale.in_base * 0.9995) {
      return fmt::format("{} {}", three_digits(value / scale.in_base), scale.name);
    }
  }
  return fmt::format("{} {}", three_digits(value / scales.back().in_base), scales.back().name);
}

std::string show_duration(double nanoseconds) {
  static constexpr std::array scales{Scale{60e9, "min"}, Scale{1e9, "s"}, Scale{1e6, "ms"},
                                     Scale{1e3, "µs"}, Scale{1, "ns"}};
  // Seconds stay readable far beyond a minute.
  return scaled(nanoseconds, std::span(scales).subspan(std::abs(nanoseconds) < 300e9 ? 1 : 0));
}

std::string show_bytes(double bytes) {
  static constexpr std::array scales{Scale{0x1p40, "TiB"}, Scale{0x1p30, "GiB"},
                                     Scale{0x1p20, "MiB"}, Scale{0x1p10, "KiB"}, Scale{1, "B"}};
  return scaled(bytes, scales);
}

std::string show_rate(double per_second) {
  if (per_second >= 99.95 && per_second < 1e18) {
    return show_count(static_cast<std::uint64_t>(std::llround(per_second))) + "/s";
  }
  return three_digits(per_second) + "/s";
}

}  // namespace

NamedUnit unit_named(std::string_view name) {
  struct Row {
    std::string_view name;
    NamedUnit unit;
  };
  static constexpr std::array rows{
      Row{"/s", {Unit::per_second, 1}}, Row{"bytes", {Unit::bytes, 1}},
      Row{"ns", {Unit::duration, 1}},   Row{"us", {Unit::duration, 1e3}},
      Row{"ms", {Unit::duration, 1e6}}, Row{"s", {Unit::duration, 1e9}},
      Row{"%", {Unit::share, 0.01}},    Row{"cores", {Unit::cores, 1}},
      Row{"count", {Unit::count, 1}},   Row{"bytes/s", {Unit::bytes_per_second, 1}},
  };
  for (const Row& row : rows) {
    if (row.name == name) return row.unit;
  }
  return {};
}

std::string_view base_name(Unit unit) {
  switch (unit) {
    case Unit::count:
      return "count";
    case Unit::duration:
      return "ns";
    case Unit::per_second:
      return "/s";
    case Unit::bytes:
      return "bytes";
    case Unit::bytes_per_second:
      return "bytes/s";
    case Unit::share:
      return "share";
    case Unit::cores:
      return "cores";
    case Unit::number:
      break;
  }
  return "";
}

std::string show_count(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string show(double value, Unit unit) {
  if (!std::isfinite(value)) return "–";
  switch (unit) {
    case Unit::count:
      if (value >= 0 && value < 1e18) {
        return show_count(static_cast<std::uint64_t>(std::llround(value)));
      }
      return three_digits(value);
    case Unit::duration:
      return show_duration(value);
    case Unit::per_second:
      return show_rate(value);
    case Unit::bytes:
      return show_bytes(value);
    case Unit::bytes_per_second:
      return show_bytes(value) + "/s";
    case Unit::share:
      return three_digits(value * 100) + " %";
    case Unit::cores:
      return three_digits(value) + (value == 1 ? " core" : " cores");
    case Unit::number:
      break;
  }
  return three_digits(value);
}

}  // namespace bench

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers with a unit, formatted for people: shared by summary, page, progress and comparison.
namespace bench {

/// The kind of a number, with the base unit of its `double`.
enum class Unit : std::uint8_t {
  number,      ///< without a unit
  count,       ///< of things; whole
  duration,    ///< nanoseconds
  per_second,  ///< things per second
  bytes,
  bytes_per_second,
  share,  ///< 0..1, shown as %
  cores,  ///< CPU seconds per second
};

/// A unit of a Figure and its value in the base unit: "ms" is 1e6 ns.
struct NamedUnit {
  Unit unit = Unit::number;
  double in_base = 1;
};

/// "", "/s", "bytes", "bytes/s", "ns", "us", "ms", "s", "%", "cores", "count"; anything else is a
/// bare number.
NamedUnit unit_named(std::string_view name);

/// The base by name: "ns", "/s", "bytes", ...; "" for bare numbers.
std::string_view base_name(Unit unit);

/// "1.23 ms", "812,345/s", "12.3 KiB", "1,234", "0.5 %": three digits where a number is not whole.
std::string show(double value, Unit unit);

/// "1,234,567".
std::string show_count(std::uint64_t value);

}  // namespace bench

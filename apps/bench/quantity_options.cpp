#include "bench/quantity_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "cli/input/payload_limit.h"
#include "cli/options/rate.h"

namespace bench {
namespace {

using cli::Verdict;
using Units = std::span<const std::pair<std::string_view, double>>;

constexpr std::array<std::pair<std::string_view, double>, 5> time_units{
    {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"min", 60}, {"h", 3600}}};
constexpr std::array<std::pair<std::string_view, double>, 3> count_units{
    {{"", 1}, {"k", 1e3}, {"M", 1e6}}};
constexpr std::array<std::pair<std::string_view, double>, 3> size_units{
    {{"", 1}, {"k", 1024}, {"M", 1024 * 1024}}};

/// nullopt: not a number with one of the units.
std::optional<double> parse(std::string_view text, Units units) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const auto& one) { return one.first == unit; });
  if (found == units.end()) return std::nullopt;
  return number * found->second;
}

}  // namespace

cli::ValueSetter time_setter(std::chrono::duration<double>& target) {
  return [&target](const std::string& text) -> Verdict {
    constexpr double most = 1e7;
    const auto seconds = parse(text, time_units);
    if (!seconds || *seconds > most) {
      return tl::unexpected(fmt::format("\"{}\" is not a time, such as 10, 500ms or 5min", text));
    }
    target = std::chrono::duration<double>(*seconds);
    return {};
  };
}

cli::ValueSetter rate_setter(std::optional<double>& target) {
  return [&target](const std::string& text) -> Verdict {
    return cli::parse_rate(text).map([&target](double rate) { target = rate; });
  };
}

cli::ValueSetter count_setter(std::optional<std::uint64_t>& target) {
  return [&target](const std::string& text) -> Verdict {
    const auto count = parse(text, count_units);
    if (!count || *count < 1 || *count != std::floor(*count) || *count > 1e15) {
      return tl::unexpected(fmt::format("\"{}\" is not a count, such as 100 or 50k", text));
    }
    target = static_cast<std::uint64_t>(*count);
    return {};
  };
}

cli::ValueSetter size_setter(std::optional<std::uint64_t>& target) {
  return [&target](const std::string& text) -> Verdict {
    const auto size = parse(text, size_units);
    if (!size || *size != std::floor(*size) || *size > double{cli::max_payload_bytes}) {
      return tl::unexpected(
          fmt::format("\"{}\" is not a size in bytes, such as 64 or 16k, up to {}", text,
                      cli::max_payload_bytes));
    }
    target = static_cast<std::uint64_t>(*size);
    return {};
  };
}

}  // namespace bench

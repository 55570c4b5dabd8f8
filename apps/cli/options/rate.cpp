#include "cli/options/rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace cli {

namespace {

using namespace std::string_view_literals;

constexpr std::array factors{std::pair{"k"sv, 1e3}, std::pair{"M"sv, 1e6}};
constexpr std::array periods{std::pair{"/s"sv, 1.0}, std::pair{"/sec"sv, 1.0},
                             std::pair{"/min"sv, 60.0}, std::pair{"/h"sv, 3600.0}};
/// Between one in a day and more than any broker takes.
constexpr double least = 1.0 / 86'400;
constexpr double most = 1e9;

std::optional<double> rate_of(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  for (const auto& [letter, factor] : factors) {
    if (!text.starts_with(letter)) continue;
    number *= factor;
    text.remove_prefix(letter.size());
    break;
  }
  if (text.empty()) return number;
  const auto* const period = std::find_if(periods.begin(), periods.end(),
                                          [&](const auto& one) { return one.first == text; });
  if (period == periods.end()) return std::nullopt;
  return number / period->second;
}

}  // namespace

tl::expected<double, std::string> parse_rate(std::string_view text) {
  const auto rate = rate_of(text);
  // In this form the comparison refuses what is not a number, too.
  if (rate && *rate >= least && *rate <= most) return *rate;
  return tl::unexpected(
      fmt::format("\"{}\" is not a rate, such as 10, 2.5k, 10/s, 600/min or 5/h", text));
}

}  // namespace cli

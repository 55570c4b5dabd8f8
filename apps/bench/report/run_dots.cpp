#include "bench/report/run_dots.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "bench/report/html.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

constexpr double width = 720;
constexpr double left = 150;
constexpr double right = 96;
constexpr double band_height = 46;
constexpr double bar_half = 6;

/// One metric: its name, the runs of both sides, the greatest value.
class Band {
 public:
  Band(const MetricComparison& row, double top)
      : row_(row), top_(top), most_(std::max(row.a.most, row.b.most)) {}

  std::string svg() const {
    const double middle = top_ + band_height / 2;
    std::string out = fmt::format(
        R"(<path class="grid" d="M{} {:.1f}H{}"/>)"
        R"(<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>)"
        R"(<text class="tick" x="{}" y="{:.1f}">{}</text>)"
        "\n",
        left, top_ + band_height, width - right, left - 12, middle + 4, escaped(row_.metric.name),
        width - right + 8, middle + 4, escaped(show(most_, row_.metric.unit)));
    out += side(row_.a, middle - 9, 1, "A");
    out += side(row_.b, middle + 9, 2, "B");
    return out;
  }

 private:
  double at(double value) const { return left + (width - left - right) * value / most_; }

  std::string side(const Spread& spread, double y, unsigned colour, std::string_view letter) const {
    if (spread.values.empty()) return {};
    std::string out = fmt::format(R"(<path class="line solid s{}" d="M{:.1f} {:.1f}V{:.1f}"/>)",
                                  colour, at(spread.median), y - bar_half, y + bar_half);
    for (std::size_t i = 0; i < spread.values.size(); ++i) {
      fmt::format_to(
          std::back_inserter(out),
          R"(<circle class="dot s{}" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{} {}: {}</title>)"
          "</circle>",
          colour, at(spread.values[i]), y, letter, i + 1,
          escaped(show(spread.values[i], row_.metric.unit)));
    }
    return out + '\n';
  }

  const MetricComparison& row_;
  double top_;
  double most_;
};

}  // namespace

std::string run_dots(const Comparison& comparison) {
  std::string bands;
  std::string described;
  double top = 4;
  for (const MetricComparison& row : comparison.metrics) {
    if (std::max(row.a.most, row.b.most) <= 0) continue;
    bands += Band(row, top).svg();
    described +=
        fmt::format(" {}: A {}, B {}.", row.metric.name, show(row.a.median, row.metric.unit),
                    show(row.b.median, row.metric.unit));
    top += band_height;
  }
  if (bands.empty()) return {};
  return fmt::format(
      "<figure>\n<figcaption id=\"runs-title\">Each run</figcaption>\n"
      "<p class=\"legend\"><span><svg class=\"key\" viewBox=\"0 0 28 8\" aria-hidden=\"true\">"
      "<circle class=\"dot s1\" cx=\"14\" cy=\"4\" r=\"3.5\"/></svg>A (above): {}</span> "
      "<span><svg class=\"key\" viewBox=\"0 0 28 8\" aria-hidden=\"true\">"
      "<circle class=\"dot s2\" cx=\"14\" cy=\"4\" r=\"3.5\"/></svg>B (below): {}</span> "
      "<span>The bar is the median; each scale starts at 0.</span></p>\n"
      "<div class=\"scroll\"><svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-labelledby=\"runs-title runs-description\"><desc id=\"runs-description\">"
      "Medians.{}</desc>\n{}</svg></div>\n</figure>\n",
      escaped(comparison.a_name), escaped(comparison.b_name), width, top + 4, escaped(described),
      bands);
}

}  // namespace bench

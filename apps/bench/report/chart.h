#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/report/scale.h"

namespace bench {

/// A line of a chart, interrupted by numbers that are not finite.
struct Line {
  struct Point {
    double x = 0;
    double y = 0;
  };
  std::string name;
  std::vector<Point> points;
};

/// A chart as inline SVG: scales, lines and tooltips.
class Chart {
 public:
  /// `title` and `description` are for screen readers.
  Chart(std::string title, std::string description, double height, Scale x, Scale y);

  /// Marks a part that was not measured; `why` may be empty.
  void shade(double from, double to, std::string_view why);
  /// The next line gets the next colour and dash.
  void add(const Line& line);
  /// A tooltip from `from` to `to`; its lines are separated by line feeds.
  void tell(double from, double to, const std::string& text);

  /// The figure: legend (if there is more than one line), chart. IDs begin with `id`.
  std::string html(std::string_view id) const;

  static constexpr double width = 720;

 private:
  std::string grid() const;
  std::string legend() const;

  std::string title_;
  std::string description_;
  double height_;
  Scale x_;
  Scale y_;
  std::vector<std::string> names_;
  std::string shades_;
  std::string lines_;
  std::string spots_;
};

}  // namespace bench

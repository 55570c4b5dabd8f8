#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/report/scale.h"

namespace bench {

/// A line of a chart. Numbers that are not finite interrupt it.
struct Line {
  struct Point {
    double x = 0;
    double y = 0;
  };
  std::string name;
  std::vector<Point> points;
};

/// A chart as inline SVG: scales, lines, and what is told where the pointer rests.
class Chart {
 public:
  /// `title` and `description` are for those who cannot see it.
  Chart(std::string title, std::string description, double height, Scale x, Scale y);

  /// Marks a part as not belonging to what was measured; `why` may be empty.
  void shade(double from, double to, std::string_view why);
  /// The next line gets the next colour and dash.
  void add(const Line& line);
  /// Text for the pointer over `from` to `to`; lines of text are separated by line feeds.
  void tell(double from, double to, const std::string& text);

  /// The figure: legend (if there is more than one line), chart. Ids begin with `id`.
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

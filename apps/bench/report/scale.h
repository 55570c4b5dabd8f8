#pragma once

#include <string>
#include <vector>

#include "bench/result/quantity.h"

namespace bench {

/// Maps values to positions on a chart, and chooses its ticks.
class Scale {
 public:
  struct Tick {
    double value = 0;
    std::string label;
  };

  /// From 0 to a round number not below `most`.
  static Scale linear(double most, Unit unit);
  /// From a round number not above `least` to one not below `most`; both more than 0.
  static Scale logarithmic(double least, double most, Unit unit);
  /// Seconds from exactly `begin` to `end`; labels in seconds or minutes.
  static Scale time(double begin, double end);

  /// Linear, with these ticks and no others.
  static Scale labelled(double low, double high, std::vector<Tick> ticks);

  /// Start and end of the scale, in the chart's units.
  Scale& map_to(double from, double to);

  /// Values outside are clamped to the nearest end.
  double at(double value) const;
  const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  Scale(double low, double high, bool is_logarithmic)
      : low_(low), high_(high), is_logarithmic_(is_logarithmic) {}

  double low_;
  double high_;
  bool is_logarithmic_;
  double from_ = 0;
  double to_ = 1;
  std::vector<Tick> ticks_;
};

/// "1 ms", "200k/s", "1.5 cores": as short as possible for an axis.
std::string axis_label(double value, Unit unit);

}  // namespace bench

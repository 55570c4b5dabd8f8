#include "bench/report/chart.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "bench/report/html.h"

namespace bench {
namespace {

constexpr double left = 64;
constexpr double right = 16;
constexpr double top = 12;
constexpr double bottom = 28;
constexpr std::size_t colours = 6;

/// Points that lie closer than this to the one before would not be seen.
constexpr double least_distance = 0.4;

template <class... Arguments>
void append(std::string& out, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Arguments>(arguments)...);
}

}  // namespace

Chart::Chart(std::string title, std::string description, double height, Scale x, Scale y)
    : title_(std::move(title)),
      description_(std::move(description)),
      height_(height),
      x_(std::move(x)),
      y_(std::move(y)) {
  x_.map_to(left, width - right);
  y_.map_to(height - bottom, top);
}

void Chart::shade(double from, double to, std::string_view why) {
  const double begin = x_.at(from);
  const double length = x_.at(to) - begin;
  append(shades_, R"(<rect class="shade" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>)", begin,
         top, length, height_ - top - bottom);
  if (!why.empty()) {
    append(shades_, R"(<text class="note" x="{:.1f}" y="{}">{}</text>)", begin + 4, top + 12,
           escaped(why));
  }
  shades_ += '\n';
}

void Chart::add(const Line& line) {
  const std::size_t number = names_.size() % colours + 1;
  names_.push_back(line.name);
  std::string path;
  bool is_open = false;
  std::size_t drawn = 0;
  double last_x = 0;
  double last_y = 0;
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    const Line::Point& point = line.points[i];
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
      is_open = false;
      continue;
    }
    const double x = x_.at(point.x);
    const double y = y_.at(point.y);
    const bool is_last = i + 1 == line.points.size();
    if (is_open && !is_last && std::hypot(x - last_x, y - last_y) < least_distance) continue;
    append(path, "{}{:.1f} {:.1f}", is_open ? "L" : "M", x, y);
    is_open = true;
    ++drawn;
    last_x = x;
    last_y = y;
  }
  if (drawn == 1) {
    append(lines_, R"(<circle class="dot s{}" cx="{:.1f}" cy="{:.1f}" r="3.5"/>)", number, last_x,
           last_y);
  } else if (drawn > 1) {
    append(lines_, R"(<path class="line s{}" d="{}"/>)", number, path);
  }
  lines_ += '\n';
}

void Chart::tell(double from, double to, const std::string& text) {
  const double begin = x_.at(from);
  append(spots_, R"(<rect class="spot" x="{:.1f}" y="{}" width="{:.1f}" height="{}"><title>)",
         begin, top, x_.at(to) - begin, height_ - top - bottom);
  for (std::size_t line_begin = 0; line_begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', line_begin), text.size());
    if (line_begin != 0) spots_ += "&#10;";
    spots_ += escaped(std::string_view(text).substr(line_begin, end - line_begin));
    line_begin = end + 1;
  }
  spots_ += "</title></rect>\n";
}

std::string Chart::grid() const {
  std::string out;
  for (const Scale::Tick& tick : y_.ticks()) {
    const double y = y_.at(tick.value);
    append(out, R"(<path class="grid" d="M{} {:.1f}H{}"/>)", left, y, width - right);
    append(out, R"(<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>)", left - 8,
           y + 4, escaped(tick.label));
    out += '\n';
  }
  for (const Scale::Tick& tick : x_.ticks()) {
    const double x = x_.at(tick.value);
    append(out, R"(<path class="grid" d="M{:.1f} {}V{}"/>)", x, top, height_ - bottom);
    // A label at the right end would be cut in its middle.
    const bool is_at_end = x > width - right - 20;
    append(out, R"(<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>)",
           is_at_end ? width : x, height_ - 8, is_at_end ? "end" : "middle", escaped(tick.label));
    out += '\n';
  }
  return out;
}

std::string Chart::legend() const {
  std::string out = "<p class=\"legend\">";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    append(out,
           R"(<span><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><path class="line s{}" )"
           R"(d="M1 4H27"/></svg>{}</span> )",
           i % colours + 1, escaped(names_[i]));
  }
  return out + "</p>\n";
}

std::string Chart::html(std::string_view id) const {
  std::string out = "<figure>\n";
  append(out, "<figcaption id=\"{}-title\">{}</figcaption>\n", id, escaped(title_));
  if (names_.size() > 1) out += legend();
  append(out,
         R"(<div class="scroll"><svg class="chart" viewBox="0 0 {0} {1}" role="img" )"
         R"(aria-labelledby="{2}-title {2}-description"><desc id="{2}-description">{3}</desc>)"
         "\n",
         width, height_, id, escaped(description_));
  out += shades_ + grid() + lines_ + spots_;
  return out + "</svg></div>\n</figure>\n";
}

}  // namespace bench

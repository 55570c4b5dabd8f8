#include "bench/report/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/report/text_encoding.h"
#include "bench/result/quantity.h"

namespace bench {
namespace {

constexpr std::string_view clear_line = "\r\x1b[K";
constexpr unsigned bar_width = 20;

unsigned columns_of(int descriptor) {
  winsize size{};
  const bool is_known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  return is_known ? size.ws_col : 80;
}

/// What does not fit into a slow terminal is lost: the line is written again soon.
void write_once(int descriptor, std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(descriptor, text.data(), text.size());
}

/// A bar of eighths: "███▌      ".
std::string bar(double done) {
  static constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto filled =
      static_cast<unsigned>(std::lround(std::clamp(done, 0.0, 1.0) * bar_width * 8));
  std::string text;
  for (unsigned i = 0; i < filled / 8; ++i) text += "█";
  text += eighths[filled % 8];
  text.append(bar_width - column_count(text), ' ');
  return "▕" + text + "▏";
}

/// What the line tells, what matters most first.
std::vector<std::string> parts_of(const Moment& moment) {
  const auto duration = [](std::uint64_t nanoseconds) {
    return show(static_cast<double>(nanoseconds), Unit::duration);
  };
  std::vector<std::string> parts;
  parts.push_back(fmt::format("{} {:.0f} s", printable(moment.phase), moment.elapsed.count()));
  if (moment.done) {
    parts.push_back(
        fmt::format("{} {:3.0f} %", bar(*moment.done), std::clamp(*moment.done, 0.0, 1.0) * 100));
  }
  if (moment.delivered_per_second > 0) {
    parts.push_back("in " + show(moment.delivered_per_second, Unit::per_second));
  }
  if (moment.published_per_second > 0) {
    parts.push_back("out " + show(moment.published_per_second, Unit::per_second));
  }
  if (moment.p50 != 0 || moment.p99 != 0) {
    parts.push_back(fmt::format("p50 {}", duration(moment.p50)));
    parts.push_back(fmt::format("p99 {}", duration(moment.p99)));
  }
  if (moment.broker_cpu) parts.push_back("broker " + show(*moment.broker_cpu, Unit::cores));
  parts.push_back(show_count(moment.connections) + " open");
  return parts;
}

}  // namespace

Progress::Progress(int descriptor) : descriptor_(descriptor) {
  const char* const terminal = std::getenv("TERM");
  const bool can_erase = terminal != nullptr && std::string_view(terminal) != "dumb";
  is_shown_ = can_erase && isatty(descriptor) == 1;
}

Progress::~Progress() {
  clear();
}

void Progress::show(const Moment& moment) {
  if (!is_shown_) return;
  const std::string line = progress_line(moment, columns_of(descriptor_));
  write_once(descriptor_, fmt::format("{}{}", clear_line, line));
  has_line_ = true;
}

void Progress::clear() {
  if (!has_line_) return;
  write_once(descriptor_, clear_line);
  has_line_ = false;
}

std::string progress_line(const Moment& moment, unsigned columns) {
  std::string line;
  for (const std::string& part : parts_of(moment)) {
    const std::string longer = line.empty() ? part : line + "  " + part;
    // The last column stays free: a terminal would go on to the next line.
    if (column_count(longer) >= columns) break;
    line = longer;
  }
  return line;
}

}  // namespace bench

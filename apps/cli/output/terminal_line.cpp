#include "cli/output/terminal_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cli/output/window_size.h"

namespace cli {

namespace {

constexpr std::string_view clear_line = "\r\x1b[K";
constexpr unsigned bar_width = 20;

/// What does not fit into a slow terminal is lost: the line is written again soon.
void write_once(int descriptor, std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(descriptor, text.data(), text.size());
}

}  // namespace

TerminalLine::TerminalLine(int descriptor) : descriptor_(descriptor) {
  const char* const terminal = std::getenv("TERM");
  const bool can_erase = terminal != nullptr && std::string_view(terminal) != "dumb";
  is_shown_ = can_erase && isatty(descriptor) == 1;
}

TerminalLine::~TerminalLine() {
  clear();
}

unsigned TerminalLine::columns() const {
  return static_cast<unsigned>(window_size(descriptor_).columns) - 1;
}

void TerminalLine::show(std::string_view line) {
  if (!is_shown_) return;
  write_once(descriptor_, std::string(clear_line).append(line));
  has_line_ = true;
}

void TerminalLine::clear() {
  if (!has_line_) return;
  write_once(descriptor_, clear_line);
  has_line_ = false;
}

std::string progress_bar(double done) {
  // Bars of eighths.
  static constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto filled =
      static_cast<unsigned>(std::lround(std::clamp(done, 0.0, 1.0) * bar_width * 8));
  std::string text = "▕";
  for (unsigned i = 0; i < filled / 8; ++i) text += "█";
  text += eighths[filled % 8];
  text.append(bar_width - filled / 8 - (filled % 8 == 0 ? 0 : 1), ' ');
  return text + "▏";
}

}  // namespace cli

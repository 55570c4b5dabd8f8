#include "sub/terminal_mode.h"

#include <unistd.h>

#include <string_view>
#include <utility>

namespace sub {

namespace {

constexpr std::string_view own_screen = "\x1B[?1049h\x1B[?25l";
constexpr std::string_view old_screen = "\x1B[?25h\x1B[?1049l";

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count <= 0) return;  // a terminal that is gone
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

TerminalMode::TerminalMode(int input, int output) : input_(input), output_(output) {
  termios mode{};
  if (::tcgetattr(input_, &mode) == 0) saved_ = mode;
  enter();
}

void TerminalMode::enter() {
  if (std::exchange(entered_, true)) return;
  if (saved_) {
    termios mode = *saved_;
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    ::tcsetattr(input_, TCSADRAIN, &mode);
  }
  write_all(output_, own_screen);
}

void TerminalMode::leave() {
  if (!std::exchange(entered_, false)) return;
  write_all(output_, old_screen);
  if (saved_) ::tcsetattr(input_, TCSADRAIN, &*saved_);
}

}  // namespace sub

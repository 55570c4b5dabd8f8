#include "bench/report/colour.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace bench {

bool wants_colour(int descriptor) {
  const char* const refusal = std::getenv("NO_COLOR");
  if (refusal != nullptr && *refusal != '\0') return false;
  const char* const terminal = std::getenv("TERM");
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return isatty(descriptor) == 1;
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
  if (!is_on_ || text.empty()) return std::string(text);
  const auto code = [colour] {
    switch (colour) {
      case Colour::bold:
        return 1;
      case Colour::dim:
        return 2;
      case Colour::red:
        return 31;
      case Colour::green:
        return 32;
      case Colour::yellow:
        break;
    }
    return 33;
  }();
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace bench

#pragma once

#include <cstddef>

namespace cli {

/// How large a terminal's window is, in characters.
struct WindowSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

/// The window of the terminal behind `descriptor`; what a terminal has by default if it does not
/// say.
WindowSize window_size(int descriptor);

}  // namespace cli

#include "cli/output/window_size.h"

#include <sys/ioctl.h>

namespace cli {

WindowSize window_size(int descriptor) {
  winsize window{};
  if (::ioctl(descriptor, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) {
    return {};
  }
  return {window.ws_row, window.ws_col};
}

}  // namespace cli

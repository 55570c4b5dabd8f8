#include "cli/input/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace cli {

void fill_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The lowest free number is this one, since those below are taken.
    const int mode = number == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode) < 0) return;  // without /dev there is no help
  }
}

}  // namespace cli

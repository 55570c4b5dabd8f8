#pragma once

namespace cli {

/// Whoever starts us may have closed standard input, output or error (as `>&-` does), and the next
/// file or socket that is opened would take their numbers, and what is printed. So the first thing
/// a tool does is to put in their place what cannot be read from, or written to.
void fill_standard_descriptors();

}  // namespace cli

#include "config/source_line.h"

#include <fmt/format.h>

namespace broker {

std::string to_text(const SourceLine& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line);
}

}  // namespace broker

#pragma once

#include <string>

namespace broker {

/// A line of a configuration file. Lines count from 1; 0 means the file as a whole.
struct SourceLine {
  std::string file;
  unsigned line = 0;

  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

/// `FILE:LINE`, or `FILE`.
std::string to_text(const SourceLine& where);

}  // namespace broker

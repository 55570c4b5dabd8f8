#include "cli/input/line_splitter.h"

namespace cli {

std::optional<std::string_view> LineSplitter::next() {
  if (partial_is_complete_) {
    partial_.clear();
    partial_is_complete_ = false;
  }
  const std::size_t end = chunk_.find('\n');
  if (end == std::string_view::npos) {
    partial_ += chunk_;
    chunk_ = {};
    return std::nullopt;
  }
  const std::string_view line = chunk_.substr(0, end);
  chunk_.remove_prefix(end + 1);
  if (partial_.empty()) return line;
  partial_ += line;
  partial_is_complete_ = true;
  return partial_;
}

std::optional<std::string_view> LineSplitter::last_line() {
  if (partial_.empty() || partial_is_complete_) return std::nullopt;
  partial_is_complete_ = true;
  return partial_;
}

}  // namespace cli

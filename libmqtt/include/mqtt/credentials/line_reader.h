#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mqtt {

/// A note on one line of a file; `line` counts from 1.
struct LineNote {
  std::size_t line = 0;
  std::string text;

  friend bool operator==(const LineNote&, const LineNote&) = default;
};

/// The lines of a text, one after the other, without their line feeds. The last line may have none.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    return line;
  }
  /// The number of the last line read, from 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace mqtt

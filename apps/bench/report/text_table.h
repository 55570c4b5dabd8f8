#pragma once

#include <string>
#include <vector>

namespace bench {

/// Aligned columns of plain text. The first column is left-aligned, the others right-aligned.
class TextTable {
 public:
  /// A row may be shorter than others. Cells are UTF-8 without control characters.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool is_empty() const { return rows_.empty(); }
  /// One string per row, without a line feed, `indent` spaces before it.
  std::vector<std::string> lines(std::size_t indent) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace bench

#include "bench/report/text_table.h"

#include <algorithm>

#include "bench/report/text_encoding.h"

namespace bench {

std::vector<std::string> TextTable::lines(std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], column_count(row[i]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - column_count(row[i]), ' ');
      if (i == 0) {
        line += row[i] + padding;
      } else {
        line += "  " + padding + row[i];
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace bench

#pragma once

#include <span>
#include <string_view>

/// The names in a Result, which scenarios set, expectations may use and the help explains. A
/// scenario with its own duration or figure adds a row here.
namespace bench {

struct LatencyRow {
  std::string_view name;
  std::string_view meaning;
};

std::span<const LatencyRow> latency_rows();

/// Which values are better.
enum class Better { lower, higher, neither };

struct FigureRow {
  std::string_view name;
  std::string_view unit;  ///< as in Figure
  Better better;
  std::string_view meaning;
};

std::span<const FigureRow> figure_rows();

}  // namespace bench

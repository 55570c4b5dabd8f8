#pragma once

#include <span>
#include <string_view>

/// The names that a Result may carry: what scenarios fill in, what an expectation may name, and
/// what the help explains. A scenario with a duration or a figure of its own adds a row here.
namespace bench {

struct LatencyRow {
  std::string_view name;
  std::string_view meaning;
};

std::span<const LatencyRow> latency_rows();

/// Which way a value is to go.
enum class Better { lower, higher, neither };

struct FigureRow {
  std::string_view name;
  std::string_view unit;  ///< as in Figure
  Better better;
  std::string_view meaning;
};

std::span<const FigureRow> figure_rows();

}  // namespace bench

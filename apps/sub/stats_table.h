#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sub/topic_stats.h"

namespace sub {

/// How large a terminal's window is, in characters.
struct WindowSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

/// Appends the table that fills a window from its upper left corner: the whole of what is shown.
/// What peers have sent is made harmless, and cut where a column ends.
void append_stats_table(std::string& out, const TopicStats& stats, TopicStats::Order order,
                        WindowSize size, std::string_view broker);

}  // namespace sub

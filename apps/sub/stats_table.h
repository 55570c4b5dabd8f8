#pragma once

#include <string>
#include <string_view>

#include "cli/output/window_size.h"
#include "sub/topic_stats.h"

namespace sub {

/// Appends the table that fills a window from its upper left corner. Text from peers is escaped and
/// truncated to its column.
void append_stats_table(std::string& out, const TopicStats& stats, TopicStats::Order order,
                        cli::WindowSize size, std::string_view broker);

}  // namespace sub

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sub {

/// The group of `topic` if topics are grouped by their first `depth` levels: itself if it has no
/// more levels, otherwise the filter of the group ("plant/#"). 0: itself. The result may be in
/// `scratch`.
std::string_view topic_group(std::string_view topic, std::size_t depth, std::string& scratch);

}  // namespace sub

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sub {

/// What `topic` is counted as where topics are taken together by their first `depth` levels: itself
/// if it has no more, otherwise the filter of all that begin like it ("plant/#"). 0: itself. The
/// answer may lie in `scratch`.
std::string_view topic_group(std::string_view topic, std::size_t depth, std::string& scratch);

}  // namespace sub

#pragma once

#include <string>
#include <string_view>

namespace bench {

/// Escapes any text for an HTML element or quoted attribute: the result is valid UTF-8, without
/// control characters and markup.
std::string escaped(std::string_view text);

}  // namespace bench

#pragma once

#include <string>
#include <string_view>

namespace bench {

/// Text for an element or a quoted attribute of HTML, whatever it holds: valid UTF-8, no control
/// characters, nothing that is read as markup.
std::string escaped(std::string_view text);

}  // namespace bench

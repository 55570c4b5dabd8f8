#pragma once

#include <string>
#include <string_view>

namespace broker {

/// Text from a file as a message can show it: on one line, in valid UTF-8, and at most some 80
/// bytes of it.
std::string shown(std::string_view text);

}  // namespace broker

#pragma once

#include <span>
#include <string_view>

#include "config/directive.h"

namespace broker {

/// Every key that a configuration file may hold, each spelling in a row of its own.
std::span<const Directive> directive_table();

/// The row of `key` as it is written in a file, or nullptr. Case matters.
const Directive* find_directive(std::string_view key,
                                std::span<const Directive> table = directive_table());

/// The known key whose spelling is nearest to an unknown one; empty if none is near.
std::string_view nearest_directive(std::string_view key,
                                   std::span<const Directive> table = directive_table());

}  // namespace broker

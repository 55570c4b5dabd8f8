#pragma once

#include <span>

#include "config/directive.h"

/// The table of directives by subject: each function is at the end of a file of its own, behind the
/// rows of that subject and what only they need. `directive_table` joins them.
namespace broker::subject {

std::span<const Directive> listeners();
std::span<const Directive> tls();
std::span<const Directive> access();
std::span<const Directive> limits();
std::span<const Directive> delivery();
std::span<const Directive> logging();
std::span<const Directive> process();
std::span<const Directive> persistence();
std::span<const Directive> plugins();
std::span<const Directive> bridges();

}  // namespace broker::subject

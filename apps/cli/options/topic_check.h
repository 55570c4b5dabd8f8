#pragma once

#include <string>

#include "cli/options/option_binding.h"

namespace cli {

/// Whether `text` is a topic to publish to.
Verdict check_topic_name(const std::string& text);
/// Whether `text` is a filter to subscribe to.
Verdict check_topic_filter(const std::string& text);

}  // namespace cli

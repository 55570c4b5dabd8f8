#include "sub/topic_screen.h"

#include <fmt/format.h>

#include <iterator>

namespace sub {

void TopicScreen::clear(std::string& out, std::string_view broker) const {
  fmt::format_to(std::back_inserter(out), "\x1B[2J\x1B[{};1HBroker: {}\n", title_line, broker);
}

void TopicScreen::go_to(std::string& out, std::string_view topic) {
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H\x1B[K", line_of(topic));
}

void TopicScreen::go_below(std::string& out) const {
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H\n", title_line + lines_.size());
}

std::size_t TopicScreen::line_of(std::string_view topic) {
  if (const auto found = lines_.find(topic); found != lines_.end()) return found->second;
  const std::size_t line = title_line + 1 + lines_.size();
  if (line > last_line) return last_line;
  lines_.emplace(topic, line);
  return line;
}

}  // namespace sub

#include "sub/topic_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/output/printable_text.h"
#include "cli/output/terminal_style.h"

namespace sub {

namespace {

// A character that is two columns wide makes a row longer than it was counted: nothing of it may go
// on in the next row.
constexpr std::string_view no_wrapping = "\x1B[?7l";
constexpr std::string_view wrapping = "\x1B[?7h";

void move_to(std::string& out, std::size_t row) {
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H\x1B[K", row);
}

/// The length of a sequence "\x1B[...m" at the front of `text`; 0 if there is none.
std::size_t colour_sequence(std::string_view text) {
  if (!text.starts_with("\x1B[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string one_row(std::string_view text, std::size_t columns) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::string row;
  bool is_coloured = false;
  for (std::size_t used = 0; !text.empty();) {
    if (const std::size_t length = colour_sequence(text); length != 0) {
      row += text.substr(0, length);
      text.remove_prefix(length);
      is_coloured = true;
      continue;
    }
    const char first = text.front();
    const std::size_t length = std::max<std::size_t>(cli::utf8_sequence(text), 1);
    const std::string_view shown = first == '\n'   ? "\\n"
                                   : first == '\r' ? "\\r"
                                   : first == '\t' ? " "
                                                   : text.substr(0, length);
    used += first == '\n' || first == '\r' ? 2 : 1;
    if (used > columns) break;
    row += shown;
    text.remove_prefix(length);
  }
  if (is_coloured) row += cli::colour::end;
  return row;
}

void TopicScreen::begin(std::string& out, std::string_view broker) {
  broker_ = broker;
  out += "\x1B[2J";
  draw_title(out);
  if (!has_window_) out += '\n';
}

void TopicScreen::draw_title(std::string& out) const {
  const std::string title = "Broker: " + broker_;
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H{}", title_line,
                 has_window_ ? one_row(title, window_.columns) : title);
}

void TopicScreen::show(std::string& out, std::string_view topic, std::string_view message) {
  if (!has_window_) return print(out, topic, message);
  Line& line = line_of(topic);
  line.text = message.substr(0, kept_text);
  draw_line(out, line);
  draw_rest(out);
}

void TopicScreen::print(std::string& out, std::string_view topic, std::string_view message) {
  move_to(out, line_of(topic).number);
  out += message;
  fmt::format_to(std::back_inserter(out), "\x1B[{};1H\n", lowest_line());
}

void TopicScreen::draw_line(std::string& out, const Line& line) const {
  if (line.number > last_row()) return;
  move_to(out, line.number);
  out += no_wrapping;
  out += one_row(line.text, window_.columns);
  out += wrapping;
}

/// Leaves the cursor in the row below all topics.
void TopicScreen::draw_rest(std::string& out) const {
  const std::size_t lowest = std::min(lowest_line(), last_row());
  move_to(out, lowest + 1);
  if (lowest_line() <= last_row()) return;
  const std::string rest =
      fmt::format("({} more topics: the window is too small)", lowest_line() - last_row());
  out += one_row(rest, window_.columns);
}

void TopicScreen::resize(std::string& out, cli::WindowSize window) {
  window_ = window;
  out += "\x1B[2J";
  draw_title(out);
  for (const auto& [topic, line] : lines_) draw_line(out, line);
  draw_rest(out);
}

void TopicScreen::end(std::string& out) const {
  if (has_window_ && lowest_line() >= last_row()) out += '\n';
}

TopicScreen::Line& TopicScreen::line_of(std::string_view topic) {
  if (const auto found = lines_.find(topic); found != lines_.end()) return found->second;
  const std::size_t number = lowest_line() + 1;
  if (number > last_line) return last_line_;
  return lines_.emplace(topic, Line{number, {}}).first->second;
}

}  // namespace sub

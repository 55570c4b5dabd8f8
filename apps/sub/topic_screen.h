#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cli/output/window_size.h"

namespace sub {

/// A screen on which each topic has a line of its own, in the order in which topics were first
/// seen. What is appended is text with escape sequences.
///
/// A file or a pipe gets each message as it is, behind the sequence that moves to its line. A
/// window gets what fits: one row for each topic, cut where the window ends, and in the last row
/// how many topics there is no row for.
class TopicScreen {
 public:
  /// Line numbers end here, as do terminals: further topics share the last one.
  static constexpr std::size_t last_line = 9999;
  /// So much is kept of the latest message of each topic, for windows that change their size.
  static constexpr std::size_t kept_text = 1024;

  /// For what is no terminal.
  TopicScreen() = default;
  explicit TopicScreen(cli::WindowSize window) : has_window_(true), window_(window) {}

  /// The empty screen, with the broker in its first line.
  void begin(std::string& out, std::string_view broker);
  /// A message of `topic`, as it is printed, line end included.
  void show(std::string& out, std::string_view topic, std::string_view message);
  /// The window has another size: draws everything anew.
  void resize(std::string& out, cli::WindowSize window);
  /// Moves below the screen, where what comes next is no harm to it.
  void end(std::string& out) const;

 private:
  struct Line {
    std::size_t number;
    std::string text;  ///< with a window: the latest message
  };

  Line& line_of(std::string_view topic);
  void print(std::string& out, std::string_view topic, std::string_view message);
  void draw_title(std::string& out) const;
  void draw_line(std::string& out, const Line& line) const;
  void draw_rest(std::string& out) const;
  std::size_t lowest_line() const { return title_line + lines_.size(); }
  /// The lowest row of the window that a topic may have; the one below it is for `draw_rest`.
  std::size_t last_row() const { return window_.rows > 1 ? window_.rows - 1 : 1; }

  static constexpr std::size_t title_line = 1;
  bool has_window_ = false;
  cli::WindowSize window_;
  std::string broker_;
  std::map<std::string, Line, std::less<>> lines_;
  Line last_line_{last_line, {}};  ///< of all further topics
};

/// The beginning of `text` that fits into one row of `columns` columns: line ends become `\\n`,
/// tabs a space; sequences of colour take no column, and do not go on behind it.
std::string one_row(std::string_view text, std::size_t columns);

}  // namespace sub

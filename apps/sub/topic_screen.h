#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cli/output/window_size.h"

namespace sub {

/// A screen with one line per topic, in the order in which topics were first seen. Appends text
/// with escape sequences.
///
/// A file or pipe gets each message unchanged, after the sequence that moves to its line. A window
/// gets what fits: one row per topic, truncated at the edge, and in the last row the number of
/// topics without a row.
class TopicScreen {
 public:
  /// The last line number, a limit of terminals: further topics share it.
  static constexpr std::size_t last_line = 9999;
  /// How much of the latest message of each topic is kept, for resized windows.
  static constexpr std::size_t kept_text = 1024;

  /// For output that is not a terminal.
  TopicScreen() = default;
  explicit TopicScreen(cli::WindowSize window) : has_window_(true), window_(window) {}

  /// The empty screen, with the broker in its first line.
  void begin(std::string& out, std::string_view broker);
  /// A message of `topic`, as it is printed, line end included.
  void show(std::string& out, std::string_view topic, std::string_view message);
  /// The window was resized: draws everything again.
  void resize(std::string& out, cli::WindowSize window);
  /// Moves below the screen, for other output.
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
/// tabs a space; colour sequences take no column, and end with the row.
std::string one_row(std::string_view text, std::size_t columns);

}  // namespace sub

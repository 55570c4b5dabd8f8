#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sub {

/// A terminal's screen on which each topic has a line of its own, in the order in which topics were
/// first seen. What it appends are escape sequences; the caller appends the messages.
class TopicScreen {
 public:
  /// Line numbers end here, as do terminals: further topics share the last one.
  static constexpr std::size_t last_line = 9999;

  /// The empty screen, with the broker in its first line.
  void clear(std::string& out, std::string_view broker) const;
  /// Moves to the line of `topic`, and empties it.
  void go_to(std::string& out, std::string_view topic);
  /// Moves below the line that is lowest, after a message was printed.
  void go_below(std::string& out) const;

 private:
  std::size_t line_of(std::string_view topic);

  static constexpr std::size_t title_line = 1;
  std::map<std::string, std::size_t, std::less<>> lines_;
};

}  // namespace sub

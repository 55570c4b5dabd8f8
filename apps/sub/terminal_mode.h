#pragma once

#include <termios.h>

#include <optional>

#include "cli/output/window_size.h"

namespace sub {

/// The terminal mode for a table: the alternate screen without a cursor; keys arrive immediately
/// and are not echoed. The destructor restores the terminal.
class TerminalMode {
 public:
  /// `output` is a terminal; keys come from `input` if that is one, too.
  TerminalMode(int input, int output);
  ~TerminalMode() { leave(); }
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;

  /// While the program is stopped.
  void leave();
  void enter();

  bool has_keys() const { return saved_.has_value(); }
  cli::WindowSize size() const { return cli::window_size(output_); }

 private:
  int input_;
  int output_;
  std::optional<termios> saved_;  ///< the previous mode of the keyboard
  bool entered_ = false;
};

}  // namespace sub

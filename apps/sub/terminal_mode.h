#pragma once

#include <termios.h>

#include <optional>

#include "cli/output/window_size.h"

namespace sub {

/// The terminal while it belongs to a table: a screen of its own without cursor, keys that arrive
/// at once and are not echoed. Everything is as it was when this is gone.
class TerminalMode {
 public:
  /// `output` is a terminal; keys come from `input` if that is one, too.
  TerminalMode(int input, int output);
  ~TerminalMode() { leave(); }
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;

  /// For the time that the program is stopped.
  void leave();
  void enter();

  bool has_keys() const { return saved_.has_value(); }
  cli::WindowSize size() const { return cli::window_size(output_); }

 private:
  int input_;
  int output_;
  std::optional<termios> saved_;  ///< how the keys were
  bool entered_ = false;
};

}  // namespace sub

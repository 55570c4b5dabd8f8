#pragma once

#include <string>
#include <string_view>

namespace cli {

/// One line on a terminal that is written over and over; on anything else, nothing at all.
class TerminalLine {
 public:
  /// `descriptor` stays the caller's: stderr.
  explicit TerminalLine(int descriptor);
  /// Removes the line.
  ~TerminalLine();
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;

  /// Whether anybody will see it; if not, there is no need to make lines.
  bool is_shown() const { return is_shown_; }
  /// How many columns a line may have; the last one of the terminal stays free, since it would go
  /// on to the next line.
  unsigned columns() const;
  void show(std::string_view line);
  /// Removes the line, so that something else can be printed.
  void clear();

 private:
  int descriptor_;
  bool is_shown_;
  bool has_line_ = false;
};

/// A share from 0 to 1 as a bar of 22 columns: "▕███▌                ▏".
std::string progress_bar(double done);

}  // namespace cli

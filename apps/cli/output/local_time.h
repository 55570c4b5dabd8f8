#pragma once

#include <ctime>
#include <string>

namespace cli {

/// One moment on the wall clock, and its local time, which is computed when first asked for and
/// kept while the second is the same.
class LocalTime {
 public:
  /// Moves to `moment`.
  void set(const timespec& moment) { moment_ = moment; }
  void set_now();

  const timespec& moment() const { return moment_; }
  /// Appends what strftime makes of `format` (a conversion may be empty, such as "%p" in some
  /// locales).
  void append(std::string& out, const char* format);
  /// Appends such as 2026-01-02T03:04:05.123456+0100.
  void append_timestamp(std::string& out);
  /// Appends `value` with exactly `digits` digits.
  static void append_digits(std::string& out, long value, int digits);

 private:
  const std::tm& broken_down();

  timespec moment_{};
  std::tm local_{};
  bool known_ = false;
  std::time_t known_second_ = 0;  ///< the second that `local_` is for
};

}  // namespace cli

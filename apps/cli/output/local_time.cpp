#include "cli/output/local_time.h"

#include <array>

namespace cli {

void LocalTime::set_now() {
  ::clock_gettime(CLOCK_REALTIME, &moment_);
}

const std::tm& LocalTime::broken_down() {
  if (!known_ || known_second_ != moment_.tv_sec) {
    ::localtime_r(&moment_.tv_sec, &local_);
    known_second_ = moment_.tv_sec;
    known_ = true;
  }
  return local_;
}

void LocalTime::append(std::string& out, const char* format) {
  std::array<char, 256> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &broken_down());
  out.append(text.data(), length);
}

void LocalTime::append_timestamp(std::string& out) {
  append(out, "%FT%T.");
  append_digits(out, moment_.tv_nsec / 1000, 6);
  append(out, "%z");
}

void LocalTime::append_digits(std::string& out, long value, int digits) {
  const std::size_t end = out.size() + static_cast<std::size_t>(digits);
  out.resize(end, '0');
  for (std::size_t at = end; digits > 0; --digits, value /= 10) {
    out[--at] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace cli

#include "bench/report/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "bench/report/colour.h"
#include "bench/report/text_encoding.h"

namespace bench {
namespace {

Moment moment() {
  Moment made;
  made.phase = "measuring";
  made.done = 0.5;
  made.elapsed = Seconds(5);
  made.connections = 200;
  made.published_per_second = 1000;
  made.delivered_per_second = 2000;
  made.p50 = 1'000'000;
  made.p99 = 5'000'000;
  made.broker_cpu = 0.5;
  return made;
}

/// What can be read at once, without waiting.
std::string read_now(int descriptor) {
  std::string text;
  pollfd ready{descriptor, POLLIN, 0};
  while (poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) != 0) {
    std::array<char, 4096> piece{};
    const ssize_t length = read(descriptor, piece.data(), piece.size());
    if (length <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(length));
  }
  return text;
}

/// Sets a variable of the environment for as long as it lives; nullptr removes it.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const before = getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) { value == nullptr ? unsetenv(name_) : setenv(name_, value, 1); }

  const char* name_;
  std::optional<std::string> before_;
};

/// A terminal: what is written to `terminal` can be read from `screen`.
struct Terminal {
  Terminal() {
    REQUIRE(screen >= 0);
    REQUIRE(grantpt(screen) == 0);
    REQUIRE(unlockpt(screen) == 0);
    terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
  }
  ~Terminal() {
    close(terminal);
    close(screen);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int screen = posix_openpt(O_RDWR | O_NOCTTY);
  int terminal = -1;
};

}  // namespace

TEST_CASE("progress writes nothing to what is not a terminal") {
  const Variable term("TERM", "xterm");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  {
    Progress progress(ends[1]);
    CHECK_FALSE(progress.is_shown());
    progress.show(moment());
    progress.clear();
  }
  CHECK(read_now(ends[0]).empty());
  CHECK_FALSE(wants_colour(ends[1]));
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("on a terminal progress is one line that is removed at the end") {
  const Variable term("TERM", "xterm");
  const Terminal pair;
  {
    Progress progress(pair.terminal);
    CHECK(progress.is_shown());
    progress.show(moment());
    const std::string text = read_now(pair.screen);
    CHECK(text.starts_with("\r\x1b[Kmeasuring 5 s  ▕██████████          ▏  50 %"));
    CHECK(text.find('\n') == std::string::npos);
  }
  CHECK(read_now(pair.screen) == "\r\x1b[K");

  SECTION("and nothing on one that cannot erase") {
    const Variable dumb("TERM", "dumb");
    CHECK_FALSE(Progress(pair.terminal).is_shown());
    CHECK_FALSE(wants_colour(pair.terminal));
  }
  SECTION("colours are wanted there, unless NO_COLOR says otherwise") {
    const Variable unset("NO_COLOR", nullptr);
    CHECK(wants_colour(pair.terminal));
    const Variable empty("NO_COLOR", "");
    CHECK(wants_colour(pair.terminal));
    const Variable set("NO_COLOR", "1");
    CHECK_FALSE(wants_colour(pair.terminal));
  }
}

TEST_CASE("the line of progress tells what fits, the most important first") {
  CHECK(progress_line(moment(), 200) ==
        "measuring 5 s  ▕██████████          ▏  50 %  in 2,000/s  out 1,000/s  p50 1.00 ms  "
        "p99 5.00 ms  broker 0.50 cores  200 open");
  CHECK(progress_line(moment(), 70) ==
        "measuring 5 s  ▕██████████          ▏  50 %  in 2,000/s  out 1,000/s");
  CHECK(progress_line(moment(), 10).empty());
  Moment connecting;
  connecting.phase = "connecting\x1b[2J";
  connecting.connections = 12'345;
  CHECK(progress_line(connecting, 80) == "connecting\uFFFD[2J 0 s  12,345 open");
}

}  // namespace bench

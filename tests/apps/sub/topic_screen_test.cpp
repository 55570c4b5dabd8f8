#include "sub/topic_screen.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

/// What is sent to the terminal for a message, the message left out.
std::string moves(sub::TopicScreen& screen, std::string_view topic) {
  std::string out;
  screen.go_to(out, topic);
  out += '|';
  screen.go_below(out);
  return out;
}

}  // namespace

TEST_CASE("Each topic has a line of its own on the screen, in the order of first sight") {
  sub::TopicScreen screen;
  std::string out;
  screen.clear(out, "host");
  CHECK(out == "\x1B[2J\x1B[1;1HBroker: host\n");
  CHECK(moves(screen, "a") == "\x1B[2;1H\x1B[K|\x1B[2;1H\n");
  CHECK(moves(screen, "b") == "\x1B[3;1H\x1B[K|\x1B[3;1H\n");
  CHECK(moves(screen, "a") == "\x1B[2;1H\x1B[K|\x1B[3;1H\n");
}

TEST_CASE("Topics beyond the last line share it") {
  sub::TopicScreen screen;
  for (int i = 0; i < 10'000; ++i) moves(screen, std::to_string(i));
  CHECK(moves(screen, "one more") == "\x1B[9999;1H\x1B[K|\x1B[9999;1H\n");
  CHECK(moves(screen, "0") == "\x1B[2;1H\x1B[K|\x1B[9999;1H\n");
}

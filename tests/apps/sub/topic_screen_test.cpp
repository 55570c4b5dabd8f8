#include "sub/topic_screen.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

/// What a terminal of this size shows after it was sent `text`. It knows what the screen uses:
/// moves, the two ways to erase, wrapping, and scrolling at the last row.
class Terminal {
 public:
  explicit Terminal(cli::WindowSize size) : rows_(size.rows), columns_(size.columns) {}

  void send(std::string_view text) {
    while (!text.empty()) {
      if (text.starts_with("\x1B[")) {
        const std::size_t end = text.find_first_not_of("0123456789;?", 2);
        command(text.substr(2, end - 2), text[end]);
        text.remove_prefix(end + 1);
        continue;
      }
      put(text.front());
      text.remove_prefix(1);
    }
  }
  const std::vector<std::string>& rows() const { return rows_; }
  bool scrolled() const { return scrolled_; }

 private:
  void command(std::string_view value, char letter) {
    if (letter == 'H') {
      row_ = std::min<std::size_t>(std::stoul(std::string(value)), rows_.size()) - 1;
      column_ = 0;
    } else if (letter == 'K') {
      rows_[row_].resize(std::min(rows_[row_].size(), column_));
    } else if (letter == 'J') {
      rows_.assign(rows_.size(), "");
    } else if (letter == 'h' || letter == 'l') {
      wraps_ = letter == 'h';
    }
  }
  void put(char c) {
    if (c == '\n') return new_line();
    if (column_ == columns_ && wraps_) new_line();
    if (column_ == columns_) --column_;
    rows_[row_].resize(std::max(rows_[row_].size(), column_ + 1), ' ');
    rows_[row_][column_++] = c;
  }
  void new_line() {
    column_ = 0;
    if (++row_ < rows_.size()) return;
    --row_;
    scrolled_ = true;
  }

  std::vector<std::string> rows_;
  std::size_t columns_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  bool wraps_ = true;
  bool scrolled_ = false;
};

using Rows = std::vector<std::string>;

/// What is sent to a file for a message.
std::string sent(sub::TopicScreen& screen, std::string_view topic) {
  std::string out;
  screen.show(out, topic, "text\n");
  return out;
}

}  // namespace

TEST_CASE("In a file each topic has a line of its own, in the order of first sight") {
  sub::TopicScreen screen;
  std::string out;
  screen.begin(out, "host");
  CHECK(out == "\x1B[2J\x1B[1;1HBroker: host\n");
  CHECK(sent(screen, "a") == "\x1B[2;1H\x1B[Ktext\n\x1B[2;1H\n");
  CHECK(sent(screen, "b") == "\x1B[3;1H\x1B[Ktext\n\x1B[3;1H\n");
  CHECK(sent(screen, "a") == "\x1B[2;1H\x1B[Ktext\n\x1B[3;1H\n");
}

TEST_CASE("Topics beyond the last line share it") {
  sub::TopicScreen screen;
  for (int i = 0; i < 10'000; ++i) sent(screen, std::to_string(i));
  CHECK(sent(screen, "one more") == "\x1B[9999;1H\x1B[Ktext\n\x1B[9999;1H\n");
  CHECK(sent(screen, "0") == "\x1B[2;1H\x1B[Ktext\n\x1B[9999;1H\n");
}

TEST_CASE("A window shows a row for each topic, cut where it ends") {
  const cli::WindowSize size{5, 12};
  Terminal terminal(size);
  sub::TopicScreen screen(size);
  const auto step = [&](const auto& draw) {
    std::string out;
    draw(out);
    terminal.send(out);
  };
  const auto show = [&](std::string_view topic, std::string_view text) {
    step([&](std::string& out) { screen.show(out, topic, text); });
  };
  step([&](std::string& out) { screen.begin(out, "a.long.host"); });
  show("a", "a much too long text\n");
  show("b", "two\nlines\tx\n");
  CHECK(terminal.rows() == Rows{"Broker: a.lo", "a much too l", "two\\nlines x", "", ""});
  show("a", "short\n");
  CHECK(terminal.rows()[1] == "short");

  SECTION("topics that there is no row for are counted in the last one") {
    show("c", "c\n");
    show("d", "d\n");
    show("e", "e\n");
    CHECK(terminal.rows() == Rows{"Broker: a.lo", "short", "two\\nlines x", "c", "(2 more topi"});
    CHECK_FALSE(terminal.scrolled());
  }
  SECTION("a larger window shows what the smaller one had no room for") {
    show("c", "c\n");
    show("d", "a text that is long\n");
    Terminal larger({7, 20});
    std::string out;
    screen.resize(out, {7, 20});
    larger.send(out);
    CHECK(larger.rows() == Rows{"Broker: a.long.host", "short", "two\\nlines x", "c",
                                "a text that is long", "", ""});
  }
}

TEST_CASE("A row takes what fits, and no colour goes on behind it") {
  CHECK(sub::one_row("abc\n", 3) == "abc");
  CHECK(sub::one_row("äöü€", 3) == "äöü");
  CHECK(sub::one_row("a\r\nb", 4) == "a\\r");
  CHECK(sub::one_row("\x1B[36mtopic\x1B[0m text", 7) == "\x1B[36mtopic\x1B[0m t\x1B[0m");
  CHECK(sub::one_row("\x1B[2J", 9) == "\x1B[2J");  // no colour: whoever makes it safe did not
  CHECK(sub::one_row("x", 0).empty());
}

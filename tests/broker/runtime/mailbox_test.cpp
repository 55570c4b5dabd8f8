#include "runtime/mailbox.h"

#include <catch2/catch.hpp>

TEST_CASE("a worker that is not woken for each message is woken for all of them") {
  broker::Mailbox mailbox;
  int opened = 0;
  const auto letter = [&opened] { return broker::make_letter([&opened] { ++opened; }); };
  const broker::Mailbox::Number first = mailbox.post_quietly(letter());
  SECTION("by who has posted quietly") {
    CHECK(mailbox.must_be_woken());
    CHECK_FALSE(mailbox.must_be_woken());
    CHECK_FALSE(mailbox.post(letter()));
  }
  SECTION("or by who posts next") {
    CHECK(mailbox.post(letter()));
    CHECK_FALSE(mailbox.must_be_woken());
  }
  SECTION("unless it has looked by itself") {
    mailbox.open_all();
    CHECK_FALSE(mailbox.must_be_woken());
    CHECK(mailbox.post(letter()));
  }
  SECTION("a letter takes more while it is the last one that waits") {
    const auto change = [](broker::Letter&) { return true; };
    CHECK(mailbox.amend(first, change));
    CHECK_FALSE(mailbox.amend(first, [](broker::Letter&) { return false; }));
    SECTION("not behind another") {
      const broker::Mailbox::Number second = mailbox.post_quietly(letter());
      CHECK_FALSE(mailbox.amend(first, change));
      CHECK(mailbox.amend(second, change));
    }
    SECTION("nor once it is opened") {
      mailbox.open_all();
      CHECK_FALSE(mailbox.amend(first, change));
    }
    SECTION("nor if there was none") {
      CHECK_FALSE(mailbox.amend(0, change));
    }
  }
  mailbox.open_all();
  CHECK(opened >= 1);
}

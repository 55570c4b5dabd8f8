#include "passwd/user_names.h"

#include <catch2/catch.hpp>

using passwd::refuse_users;
using passwd::user_names_of;
using Names = std::vector<std::string>;

TEST_CASE("user names are read one a line") {
  CHECK(user_names_of("bob\nalice smith\r\n\n42") == Names{"bob", "alice smith", "42"});
  CHECK(user_names_of("\n\n").error() == "standard input holds no user name");
  CHECK(user_names_of("").error() == "standard input holds no user name");
  CHECK(user_names_of("bob\n\nb:c\n").error() ==
        "line 3 of standard input: the user name holds a colon");
  CHECK(user_names_of("#bob\n").error() ==
        "line 1 of standard input: the user name begins with #, which makes the line a comment");
}

TEST_CASE("names that cannot be users of one file are refused") {
  CHECK(refuse_users({"bob", "alice"}).empty());
  CHECK(refuse_users({"bob", "alice", "bob"}) == "user bob is given twice");
  CHECK(refuse_users({"bob", ""}) == "the user name is empty");
}

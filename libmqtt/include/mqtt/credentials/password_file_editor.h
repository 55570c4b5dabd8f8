#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/credentials/password_file.h"

namespace mqtt {

/// Edits a password file by lines: comments, the order, and all other lines stay unchanged byte for
/// byte. Hashes of other users are not examined.
class PasswordFileEditor {
 public:
  /// The file, or all lines that are not a comment, blank or `NAME:SECRET`.
  static tl::expected<PasswordFileEditor, std::vector<LineNote>> read(std::string_view text);

  /// Whether this can be a user of a password file: 1 to 65535 bytes, no colon, no control
  /// character, no blank at either end, no `#` at the beginning. The result is the reason why not;
  /// empty: it can.
  static std::string refuse_user(std::string_view user);

  /// Replaces the line of `user` in place (removing further lines of that name), or appends one.
  /// Returns whether the user existed. `user` is one that `refuse_user` does not refuse.
  bool set(std::string_view user, const PasswordHash& hash);
  /// Returns whether the user existed.
  bool remove(std::string_view user);

  /// Hashes every plain-text password: everything after the first colon of a line if it is not a
  /// hash. Returns how many, or the error.
  tl::expected<std::size_t, std::string> hash_plain(const HashRecipe& recipe);

  /// The text after the colon; nullptr: no such user.
  const std::string* secret_of(std::string_view user) const;

  struct User {
    std::string name;
    std::string secret;
  };
  /// In file order.
  std::vector<User> users() const;

  /// The whole file, with a line feed after every line.
  std::string text() const;

 private:
  struct Line {
    std::string text;
    std::string user;  ///< empty: no entry
    std::string secret;
    std::string plain{};  ///< see PasswordLine; empty where `secret` is a hash of ours
  };

  std::vector<Line> lines_;
};

}  // namespace mqtt

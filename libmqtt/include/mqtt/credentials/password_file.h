#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/credentials/line_reader.h"
#include "mqtt/credentials/password_hash.h"

namespace mqtt {

/// One line of a password file, cut at its colons. Views into the line.
struct PasswordLine {
  enum class Kind : std::uint8_t {
    comment,  ///< `#` is its first byte
    blank,
    no_colon,  ///< text that says nothing; a broker passes over it
    entry,     ///< `NAME:SECRET`; either may be empty
  };
  Kind kind = Kind::blank;
  std::string_view user;    ///< without blanks around it
  std::string_view secret;  ///< the hash, likewise; what a second colon begins is left out
  /// What the password is if `secret` is no hash: all that follows the first colon, further colons
  /// included, without blanks around it.
  std::string_view plain;

  /// `line` is without its line feed. Colons in a row count as one, those at the beginning as none.
  static PasswordLine split(std::string_view line);
};

inline constexpr std::size_t max_user_name_size = 65535;

/// A password file as it is used: users and hashes.
class PasswordFile {
 public:
  struct Entry {
    std::string user;
    PasswordHash hash;
    std::size_t line = 0;
  };

  /// All errors of the file, or the file: one wrong line refuses it as a whole.
  static tl::expected<PasswordFile, std::vector<LineNote>> parse(std::string_view text);

  /// Sorted by user.
  const std::vector<Entry>& entries() const { return entries_; }
  /// nullptr: no such user.
  const Entry* find(std::string_view user) const;
  /// Lines that say nothing and were passed over.
  const std::vector<LineNote>& warnings() const { return warnings_; }

 private:
  std::vector<Entry> entries_;
  std::vector<LineNote> warnings_;
};

}  // namespace mqtt

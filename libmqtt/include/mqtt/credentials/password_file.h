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
    no_colon,  ///< text without meaning, which brokers ignore
    entry,     ///< `NAME:SECRET`; either may be empty
  };
  Kind kind = Kind::blank;
  std::string_view user;    ///< without blanks around it
  std::string_view secret;  ///< the hash, likewise; without anything after a second colon
  /// The password if `secret` is not a hash: everything after the first colon, including further
  /// colons, without surrounding blanks.
  std::string_view plain;

  /// `line` has no line feed. Consecutive colons count as one, leading ones are ignored.
  static PasswordLine split(std::string_view line);
};

inline constexpr std::size_t max_user_name_size = 65535;

/// The users and hashes of a password file.
class PasswordFile {
 public:
  struct Entry {
    std::string user;
    PasswordHash hash;
    std::size_t line = 0;
  };

  /// All errors of the file, or the file: one invalid line makes the whole file invalid.
  static tl::expected<PasswordFile, std::vector<LineNote>> parse(std::string_view text);

  /// Sorted by user.
  const std::vector<Entry>& entries() const { return entries_; }
  /// nullptr: no such user.
  const Entry* find(std::string_view user) const;
  /// Lines without meaning that were ignored.
  const std::vector<LineNote>& warnings() const { return warnings_; }

 private:
  std::vector<Entry> entries_;
  std::vector<LineNote> warnings_;
};

}  // namespace mqtt

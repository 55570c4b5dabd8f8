#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "access/files/acl_tree.h"

namespace broker {

/// One parsed line of an ACL file. Views into the line.
struct AclLine {
  enum class Kind : std::uint8_t {
    nothing,  ///< a comment, or blank
    user,     ///< begins the section of `user`
    topic,    ///< an entry of the section
    pattern,  ///< an entry for everyone
  };
  Kind kind = Kind::nothing;
  std::string_view user;
  AclTree::Grant grant = AclTree::Grant::read_and_write;
  /// Its wildcards are valid, and so is its length. It may still match no topic; then there is a
  /// warning.
  std::string_view filter;
  /// Why the line probably does not do what was intended.
  std::vector<std::string> warnings;
};

/// `line` has no line feed. The error says what was expected and quotes what was found.
tl::expected<AclLine, std::string> parse_acl_line(std::string_view line);

}  // namespace broker

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "access/files/acl_tree.h"

namespace broker {

/// One line of an ACL file as it reads. Views into the line.
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
  /// Has its wildcards where they may be, and a length that a topic can have. It may still be one
  /// that no topic matches: `warnings` says so.
  std::string_view filter;
  /// Where the line most likely does something other than its author meant.
  std::vector<std::string> warnings;
};

/// `line` is without its line feed. The error says what was expected, and quotes what was found.
tl::expected<AclLine, std::string> parse_acl_line(std::string_view line);

}  // namespace broker

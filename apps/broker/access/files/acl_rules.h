#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "access/authoriser.h"
#include "access/files/acl_tree.h"
#include "mqtt/credentials/line_reader.h"

namespace broker {

/// The rules of an ACL file: immutable, shared by all workers.
class AclRules {
 public:
  /// All errors of the file, or its rules. `path` is for messages.
  static tl::expected<AclRules, std::vector<mqtt::LineNote>> parse(std::string path,
                                                                   std::string_view text);

  struct Decision {
    enum class Reason : std::uint8_t {
      rule,         ///< the one at `line`
      no_rule,      ///< nothing allows it
      reserved,     ///< the topic is the broker's own
      unsafe_name,  ///< a name contains + or #, which patterns could mistake for a wildcard
    };
    bool allowed = false;
    Reason reason = Reason::no_rule;
    std::uint32_t line = 0;
  };
  /// For publish and receive, with a valid topic name. Subscribing is always allowed: each message
  /// is checked when it is delivered.
  Decision decide(const AclTree::Subject& subject, std::string_view topic, Access access) const;

  const std::string& path() const { return path_; }
  const std::vector<mqtt::LineNote>& warnings() const { return warnings_; }

 private:
  class Parser;

  const AclTree* section_of(std::string_view user_name) const;

  std::string path_;
  AclTree anonymous_;
  std::map<std::string, AclTree, std::less<>> users_;
  AclTree patterns_;
  bool has_patterns_ = false;  ///< a pattern `#` leaves no node
  std::vector<mqtt::LineNote> warnings_;
};

}  // namespace broker

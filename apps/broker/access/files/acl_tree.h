#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

/// The entries of one section of an ACL file, as a tree by topic levels. An entry is stored in the
/// node of its filter. The order of entries within a section does not matter, since deny entries
/// take precedence.
class AclTree {
 public:
  enum class Grant : std::uint8_t { read, write, read_and_write, deny };
  struct Subject {
    std::string_view client_id;
    std::string_view user_name;  ///< empty: none
  };
  /// Lines of the file, from 1; 0: no such entry matches.
  struct Found {
    std::uint32_t deny = 0;
    std::uint32_t read = 0;
    std::uint32_t write = 0;
  };

  /// `filter` has valid wildcards. With `substituted`, a level `%c` or `%u` stands for the client
  /// identifier or the user name.
  void add(std::string_view filter, Grant grant, std::uint32_t line, bool substituted);
  /// The entries that match a valid topic name. Filters that do not begin with `$` never match a
  /// topic that does, and vice versa.
  Found find(std::string_view topic, const Subject& subject) const;

 private:
  using Index = std::uint32_t;
  struct Node {
    std::vector<std::pair<std::string, Index>> literals;  ///< sorted by level
    Index plus = 0;  ///< 0: no such child, as nobody's child is the root
    Index client = 0;
    Index user = 0;
    Found here;  ///< of filters that end here
    Found hash;  ///< of filters that end here with `#`
  };
  struct Walk;

  Index child(Index node, std::string_view level, bool substituted);
  void visit(Index node, std::string_view rest, Walk& walk) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace broker

#include "access/files/acl_tree.h"

#include <algorithm>
#include <utility>

#include "mqtt/protocol/topic.h"

namespace broker {
namespace {

void note(std::uint32_t& first, std::uint32_t line) {
  if (first == 0) first = line;
}

/// The first line that says something keeps it.
void note(AclTree::Found& found, AclTree::Grant grant, std::uint32_t line) {
  using Grant = AclTree::Grant;
  if (grant == Grant::deny) return note(found.deny, line);
  if (grant != Grant::write) note(found.read, line);
  if (grant != Grant::read) note(found.write, line);
}

}  // namespace

struct AclTree::Walk {
  const Subject& subject;
  bool dollar_level = false;  ///< the level at hand is the first, and begins with `$`
  Found found{};

  void take(const Found& at) {
    if (at.deny != 0) note(found.deny, at.deny);
    if (at.read != 0) note(found.read, at.read);
    if (at.write != 0) note(found.write, at.write);
  }
};

void AclTree::add(std::string_view filter, Grant grant, std::uint32_t line, bool substituted) {
  Index node = 0;
  for (std::string_view rest = filter; rest.data() != nullptr;) {
    const std::string_view level = mqtt::next_level(rest);
    if (level == "#") return note(nodes_[node].hash, grant, line);
    node = child(node, level, substituted);
  }
  note(nodes_[node].here, grant, line);
}

/// The child of `node` for a level of a filter, made if it is not there.
AclTree::Index AclTree::child(Index node, std::string_view level, bool substituted) {
  const auto fresh = static_cast<Index>(nodes_.size());
  Index* slot = nullptr;
  if (level == "+") {
    slot = &nodes_[node].plus;
  } else if (substituted && level == "%c") {
    slot = &nodes_[node].client;
  } else if (substituted && level == "%u") {
    slot = &nodes_[node].user;
  } else {
    auto& literals = nodes_[node].literals;
    const auto at = std::ranges::lower_bound(
        literals, level, {}, [](const auto& literal) { return std::string_view(literal.first); });
    if (at != literals.end() && at->first == level) return at->second;
    literals.emplace(at, level, fresh);
    nodes_.emplace_back();
    return fresh;
  }
  if (*slot != 0) return *slot;
  *slot = fresh;
  nodes_.emplace_back();
  return fresh;
}

AclTree::Found AclTree::find(std::string_view topic, const Subject& subject) const {
  Walk walk{subject, topic.starts_with('$')};
  visit(0, topic, walk);
  return walk.found;
}

/// `rest`: the levels below `node`. Each node is reached on one way only, so no walk is longer than
/// the tree is large.
void AclTree::visit(Index index, std::string_view rest, Walk& walk) const {
  if (walk.found.deny != 0) return;
  const Node& node = nodes_[index];
  const bool wildcards_count = !std::exchange(walk.dollar_level, false);
  if (wildcards_count) walk.take(node.hash);  // it includes the level above
  if (rest.data() == nullptr) return walk.take(node.here);

  const std::string_view level = mqtt::next_level(rest);
  const auto literal = std::ranges::lower_bound(
      node.literals, level, {}, [](const auto& entry) { return std::string_view(entry.first); });
  if (literal != node.literals.end() && literal->first == level) visit(literal->second, rest, walk);
  if (!wildcards_count) return;
  if (node.plus != 0) visit(node.plus, rest, walk);
  if (node.client != 0 && level == walk.subject.client_id) visit(node.client, rest, walk);
  if (node.user != 0 && level == walk.subject.user_name && !level.empty()) {
    visit(node.user, rest, walk);
  }
}

}  // namespace broker

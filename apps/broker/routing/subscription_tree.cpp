// How a match is found
//
// A filter is a path from the root, one node for each level; a level is a text or `+`. Sessions
// stand in leaves: a node's leaf `here` holds those whose filter ends at the node, its leaf `below`
// those whose filter goes on with `/#`. The filters
//
//     a/b      1          root ── a ─┬─ b        here: 1
//     a/+      2                     ├─ +        here: 2
//     a/#      3                     │  └─ c     here: 4
//     a/+/c    4                     └─ below: 3
//     +/b      5          root ── + ─── b        here: 5
//     #        6          root ── below: 6
//
// give the tree on the right. A topic walks down all paths that it fits, at every node first into
// the child of the same text, then into `+`, then it takes `below`. Topic `a/b`:
//
//     root, rest a/b     child a: go there;  child +: later;  below: 6, later still
//       a, rest b        child b: go there;  child +: later;  below: 3
//         a/b, no rest   here: 1
//         a/+, no rest   here: 2
//       a                below: 3
//     +, rest b          child b
//         +/b, no rest   here: 5
//     root               below: 6            -> 1 2 3 5 6
//
// Topic `a` ends at node a, which has no `here`, and takes its `below` there: `a/#` matches `a`
// too. A topic that begins with '$' takes from the root only the child of its text, neither + nor
// below.
//
// "Later" is a stack of steps, not a call: the depth of a topic costs no stack, and a walk may stop
// anywhere and go on another time (see Search). What leaves the tree meanwhile is kept for as long
// as a search that began before may still come by; what is new is told to it. The children with a
// text, of all nodes, stand in one hash table by parent and text, so a node with a single child
// costs no table of its own, and one with a hundred thousand is as quick as one with two.

#include "routing/subscription_tree.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <new>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "routing/subscriber_list.h"

namespace broker {

struct SubscriptionTree::Group {
  explicit Group(std::string_view filter) : key(new ShareKey(std::string(filter))) {}

  SubscriberList members;
  ShareKeyPtr key;
  /// Made when a match needs it; null when the members have changed since.
  mutable ShareGroupPtr snapshot;
  /// Whose turn it is while there is no snapshot; not valid(): the first member's.
  SessionId next;

  /// For every change of the members: from here to the next snapshot the turn is kept as a session,
  /// since positions move.
  void drop_snapshot() {
    if (!snapshot) return;
    const auto& list = snapshot->members;
    next = list[key->turn.load(std::memory_order_relaxed) % list.size()].session;
    snapshot.reset();
  }
};

struct SubscriptionTree::Leaf {
  SubscriberList plain;
  std::unique_ptr<std::map<std::string, Group, std::less<>>> groups;  ///< by share name

  bool empty() const { return plain.empty() && !groups; }
};

/// A level of a filter. Its text stands behind it in memory; a `+` has none. Owned by its parent
/// (`plus`) or by the tree's table of children.
struct SubscriptionTree::Node {
  Node* const parent;
  std::unique_ptr<Node> plus;
  std::unique_ptr<Leaf> here;
  std::unique_ptr<Leaf> below;
  std::uint32_t child_count = 0;  ///< those with a text
  const std::uint16_t text_size;

  static std::unique_ptr<Node> create(Node* parent, std::string_view text) {
    return std::unique_ptr<Node>(new (text.size()) Node(parent, text));
  }
  static void operator delete(void* memory) { ::operator delete(memory); }

  std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), text_size}; }
  bool is_plus() const { return parent != nullptr && parent->plus.get() == this; }
  bool unused() const { return child_count == 0 && !plus && !here && !below; }

 private:
  Node(Node* parent_node, std::string_view text)
      : parent(parent_node), text_size(static_cast<std::uint16_t>(text.size())) {
    text.copy(reinterpret_cast<char*>(this + 1), text.size());
  }
  static void* operator new(std::size_t size, std::size_t tail) {
    return ::operator new(size + tail);
  }
  static void operator delete(void* memory, std::size_t /*tail*/) { ::operator delete(memory); }
};

SubscriptionTree::SubscriptionTree() : root_(Node::create(nullptr, {})) {}

SubscriptionTree::~SubscriptionTree() {
  children_.for_each([](Node* node) { delete node; });
}

// ---- change -------------------------------------------------------------------------------------

bool SubscriptionTree::subscribe(mqtt::TopicFilter filter, const Receiver& receiver) {
  Leaf& leaf = *make_location(filter.filter()).leaf->get();
  SubscriberList::Change change;
  if (filter.is_shared()) {
    if (!leaf.groups) leaf.groups = std::make_unique<decltype(leaf.groups)::element_type>();
    Group& group =
        leaf.groups->try_emplace(std::string(filter.share_name()), filter.text()).first->second;
    change = group.members.put(receiver);
    if (change != SubscriberList::Change::none) group.drop_snapshot();
  } else {
    change = leaf.plain.put(receiver);
  }
  if (change == SubscriberList::Change::none) return false;
  changed(filter.filter());
  if (change == SubscriberList::Change::replaced) return false;
  ++(filter.is_shared() ? shared_subscriptions_ : subscriptions_);
  return true;
}

bool SubscriptionTree::unsubscribe(mqtt::TopicFilter filter, const SessionId& session) {
  const Location location = locate(filter.filter());
  if (location.leaf == nullptr || !*location.leaf) return false;
  Leaf& leaf = **location.leaf;
  if (filter.is_shared()) {
    if (!leave_group(leaf, filter.share_name(), session)) return false;
    --shared_subscriptions_;
  } else {
    if (!leaf.plain.remove(session)) return false;
    --subscriptions_;
  }
  changed(filter.filter());
  if (leaf.empty()) {
    retire(std::move(*location.leaf));
    prune(location.node);
  }
  return true;
}

bool SubscriptionTree::leave_group(Leaf& leaf, std::string_view name, const SessionId& session) {
  if (!leaf.groups) return false;
  const auto found = leaf.groups->find(name);
  if (found == leaf.groups->end()) return false;
  Group& group = found->second;
  if (!group.members.contains(session)) return false;
  group.drop_snapshot();
  if (group.next == session) group.next = group.members.after(session);
  group.members.remove(session);
  if (group.members.empty()) leaf.groups->erase(found);
  if (leaf.groups->empty()) leaf.groups.reset();
  return true;
}

void SubscriptionTree::changed(std::string_view filter) {
  const std::string_view first = mqtt::next_level(filter);
  Generation& generation =
      first == "+" || first == "#" ? wildcard_generation_ : generations_[generation_bucket(first)];
  generation.fetch_add(1, std::memory_order_release);
}

// ---- nodes --------------------------------------------------------------------------------------

std::uint64_t SubscriptionTree::child_hash(const Node& parent, std::string_view level) const {
  return hash_.combine(hash_(level), reinterpret_cast<std::uintptr_t>(&parent));
}

SubscriptionTree::Node* SubscriptionTree::find_child(const Node& parent,
                                                     std::string_view level) const {
  if (parent.child_count == 0) return nullptr;
  Node* const* found = children_.find(child_hash(parent, level), [&](const Node* node) {
    return node->parent == &parent && node->text() == level;
  });
  return found == nullptr ? nullptr : *found;
}

SubscriptionTree::Node& SubscriptionTree::child(Node& parent, std::string_view level) {
  if (level == "+") {
    if (!parent.plus) {
      parent.plus = Node::create(&parent, {});
      ++nodes_;
    }
    return *parent.plus;
  }
  if (Node* found = find_child(parent, level)) return *found;
  auto made = Node::create(&parent, level);
  children_.insert(child_hash(parent, level), made.get());
  ++parent.child_count;
  ++nodes_;
  return *made.release();
}

SubscriptionTree::Location SubscriptionTree::make_location(std::string_view filter) {
  const std::string_view whole = filter;
  Node* node = root_.get();
  std::unique_ptr<Leaf>* leaf = nullptr;
  while (filter.data() != nullptr && leaf == nullptr) {
    const std::string_view level = mqtt::next_level(filter);
    if (level == "#") {
      leaf = &node->below;
    } else {
      node = &child(*node, level);
    }
  }
  if (leaf == nullptr) leaf = &node->here;
  if (!*leaf) {
    *leaf = std::make_unique<Leaf>();
    tell_searches(whole, **leaf);
  }
  return {node, leaf};
}

SubscriptionTree::Location SubscriptionTree::locate(std::string_view filter) const {
  Node* node = root_.get();
  while (filter.data() != nullptr) {
    const std::string_view level = mqtt::next_level(filter);
    if (level == "#") return {node, &node->below};
    node = level == "+" ? node->plus.get() : find_child(*node, level);
    if (node == nullptr) return {};
  }
  return {node, &node->here};
}

/// Removes `node` and what is above it, as far as no filter needs it any more.
void SubscriptionTree::prune(Node* node) {
  while (node->parent != nullptr && node->unused()) {
    Node& parent = *node->parent;
    if (node->is_plus()) {
      retire(std::move(parent.plus));
    } else {
      children_.erase(child_hash(parent, node->text()),
                      [node](const Node* other) { return other == node; });
      --parent.child_count;
      retire(std::unique_ptr<Node>(node));
    }
    --nodes_;
    node = &parent;
  }
}

// ---- match --------------------------------------------------------------------------------------

ShareGroupPtr SubscriptionTree::group(mqtt::TopicFilter filter) const {
  const Location location = locate(filter.filter());
  if (location.leaf == nullptr || !*location.leaf || !(*location.leaf)->groups) return nullptr;
  const auto& groups = *(*location.leaf)->groups;
  const auto found = groups.find(filter.share_name());
  if (found == groups.end()) return nullptr;
  const std::lock_guard lock(snapshots_);
  return snapshot(found->second);
}

/// Where a topic has come to on its way through the tree.
struct SubscriptionTree::Walk {
  struct Step {
    const Node* node;       ///< arrived here, or
    const Leaf* below;      ///< take this leaf
    std::string_view rest;  ///< levels that are still to go
    bool past_wildcard;
    bool dollar;  ///< see Reached
  };

  Walk(const Node& root, mqtt::TopicName topic) : wildcards(!topic.is_dollar()) {  // [MQTT-4.7.2-1]
    leaves.reserve(8);
    later.reserve(16);
    later.push_back({&root, nullptr, topic.text(), false, false});
  }

  std::vector<Reached> leaves;  ///< found so far
  std::vector<Step> later;      ///< the last one is the next to go
  bool wildcards;               ///< whether the next node's wildcards count
};

/// True once the walk is at its end; false if it has visited so many nodes before.
bool SubscriptionTree::go_on(Walk& walk, std::size_t& nodes) const {
  auto& [leaves, later, wildcards] = walk;
  for (; !later.empty(); --nodes) {
    if (nodes == 0) return false;
    Walk::Step step = later.back();
    later.pop_back();
    if (step.node == nullptr) {
      leaves.push_back({step.below, step.dollar});
      continue;
    }
    const Node& node = *step.node;
    if (step.rest.data() == nullptr) {
      if (node.here) leaves.push_back({node.here.get(), step.dollar});
      if (node.below) leaves.push_back({node.below.get(), step.dollar});
      continue;
    }
    // The last one pushed is the first one taken.
    const std::string_view level = mqtt::next_level(step.rest);
    const bool dollar = step.past_wildcard ? step.dollar : level.starts_with('$');
    if (wildcards && node.below) later.push_back({nullptr, node.below.get(), {}, true, dollar});
    if (wildcards && node.plus)
      later.push_back({node.plus.get(), nullptr, step.rest, true, dollar});
    if (const Node* found = find_child(node, level))
      later.push_back({found, nullptr, step.rest, step.past_wildcard, step.dollar});
    wildcards = true;
  }
  return true;
}

MatchPtr SubscriptionTree::match(mqtt::TopicName topic) const {
  std::size_t nodes = SIZE_MAX;
  return match_within(topic, nodes);
}

MatchPtr SubscriptionTree::match_within(mqtt::TopicName topic, std::size_t& nodes) const {
  Walk walk(*root_, topic);
  return go_on(walk, nodes) ? make_match(walk.leaves) : nullptr;
}

template <typename Visit>
void SubscriptionTree::Reached::for_each_plain(Visit visit) const {
  leaf->plain.for_each([&](const Receiver& receiver) {
    if (!dollar || !receiver.skips_dollar) visit(receiver);
  });
}

MatchPtr SubscriptionTree::make_match(const std::vector<Reached>& leaves) const {
  static const MatchPtr nobody = std::make_shared<const Match>();
  if (leaves.empty()) return nobody;
  auto match = std::make_shared<Match>();
  group_by_worker(leaves, *match);
  for (const auto& [leaf, dollar] : leaves) {
    if (!leaf->groups) continue;
    const std::lock_guard lock(snapshots_);
    for (const auto& [name, group] : *leaf->groups) {
      ShareGroupPtr members = snapshot(group);
      if (dollar) members = without_dollar_skippers(std::move(members));
      if (members) match->groups.push_back(std::move(members));
    }
  }
  return match;
}

/// Those who take turns in what begins with '$'; nullptr: nobody. The turn is the whole group's.
ShareGroupPtr SubscriptionTree::without_dollar_skippers(ShareGroupPtr group) {
  const auto& members = group->members;
  if (std::ranges::none_of(members, &Receiver::skips_dollar)) return group;
  if (std::ranges::all_of(members, &Receiver::skips_dollar)) return nullptr;
  auto others = std::make_shared<ShareGroup>(*group);
  std::erase_if(others->members, [](const Receiver& member) { return member.skips_dollar; });
  return others;
}

/// Copies the plain subscribers into `match`, grouped by worker: counted first, then
/// distributed, which keeps their order and needs no sorting.
void SubscriptionTree::group_by_worker(const std::vector<Reached>& leaves, Match& match) {
  std::vector<std::uint32_t> next;  // by worker: the count, then the index of the next one
  for (const Reached& reached : leaves) {
    reached.for_each_plain([&next](const Receiver& receiver) {
      const std::size_t worker = receiver.session.worker;
      if (worker >= next.size()) next.resize(worker + 1);
      ++next[worker];
    });
  }
  if (next.empty()) return;
  std::uint32_t total = 0;
  for (std::uint32_t& begin : next) {
    if (begin != 0) match.begins.push_back(total);
    total += std::exchange(begin, total);
  }
  match.begins.push_back(total);
  match.receivers.resize(total);
  for (const Reached& reached : leaves) {
    reached.for_each_plain([&](const Receiver& receiver) {
      match.receivers[next[receiver.session.worker]++] = receiver;
    });
  }
}

ShareGroupPtr SubscriptionTree::snapshot(const Group& group) const {
  if (!group.snapshot) {
    auto made = std::make_shared<ShareGroup>();
    made->members.reserve(group.members.size());
    std::uint32_t turn = 0;
    group.members.for_each([&](const Receiver& receiver) {
      if (receiver.session == group.next) turn = static_cast<std::uint32_t>(made->members.size());
      made->members.push_back(receiver);
    });
    group.key->turn.store(turn, std::memory_order_relaxed);
    made->key = group.key;
    group.snapshot = std::move(made);
  }
  return group.snapshot;
}

// ---- searches -----------------------------------------------------------------------------------

struct SubscriptionTree::Retired {
  template <class Kept>
  struct Entry {
    std::uint64_t when;
    std::unique_ptr<Kept> kept;
  };
  std::deque<Entry<Leaf>> leaves;
  std::deque<Entry<Node>> nodes;

  void forget_before(std::uint64_t time) {
    while (!leaves.empty() && leaves.front().when < time) leaves.pop_front();
    while (!nodes.empty() && nodes.front().when < time) nodes.pop_front();
  }
};

SubscriptionTree::Search::Search(const SubscriptionTree& tree, mqtt::TopicName topic)
    : tree_(tree), topic_(topic.text()), walk_(std::make_unique<Walk>(*tree.root_, this->topic())) {
  tree_.begin(*this);
}

SubscriptionTree::Search::~Search() {
  tree_.end(*this);
}

bool SubscriptionTree::Search::go_on(std::size_t& nodes) {
  return tree_.go_on(*walk_, nodes);
}

MatchPtr SubscriptionTree::Search::match() const {
  std::vector<Reached> leaves = walk_->leaves;
  if (!added_.empty()) {
    std::unordered_set<const Leaf*> known;
    for (const Reached& passed : leaves) known.insert(passed.leaf);
    for (const Reached& added : added_) {
      if (known.insert(added.leaf).second) leaves.push_back(added);
    }
  }
  return tree_.make_match(leaves);
}

void SubscriptionTree::begin(Search& search) const {
  const std::lock_guard lock(searches_mutex_);
  search.began_ = retirements_;
  searches_.push_back(&search);
  searching_.store(true, std::memory_order_relaxed);
}

void SubscriptionTree::end(const Search& search) const {
  const std::lock_guard lock(searches_mutex_);
  std::erase(searches_, &search);
  searching_.store(!searches_.empty(), std::memory_order_relaxed);
  if (!retired_) return;
  std::uint64_t oldest = UINT64_MAX;
  for (const Search* other : searches_) oldest = std::min(oldest, other->began_);
  retired_->forget_before(oldest);
  if (searches_.empty()) retired_.reset();
}

namespace {

/// What `go_on` finds on its way to a leaf (see Reached), for a filter that matches the topic.
bool wildcard_meets_dollar(std::string_view filter, std::string_view topic) {
  while (filter.data() != nullptr && topic.data() != nullptr) {
    const std::string_view wanted = mqtt::next_level(filter);
    const std::string_view level = mqtt::next_level(topic);
    if (wanted == "+" || wanted == "#") return level.starts_with('$');
  }
  return false;
}

}  // namespace

/// A search may have passed the position of the new leaf already.
void SubscriptionTree::tell_searches(std::string_view filter, const Leaf& added) {
  if (!searching_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(searches_mutex_);
  for (Search* search : searches_) {
    if (mqtt::matches(filter, search->topic_))
      search->added_.push_back({&added, wildcard_meets_dollar(filter, search->topic_)});
  }
}

void SubscriptionTree::retire(std::unique_ptr<Leaf> leaf) {
  if (!searching_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(searches_mutex_);
  if (!retired_) retired_ = std::make_unique<Retired>();
  retired_->leaves.push_back({retirements_++, std::move(leaf)});
}

void SubscriptionTree::retire(std::unique_ptr<Node> node) {
  if (!searching_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(searches_mutex_);
  if (!retired_) retired_ = std::make_unique<Retired>();
  retired_->nodes.push_back({retirements_++, std::move(node)});
}

}  // namespace broker

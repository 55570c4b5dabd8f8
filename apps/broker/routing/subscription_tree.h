#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/topic.h"
#include "routing/hash_index.h"
#include "routing/match.h"
#include "routing/text_hash.h"

namespace broker {

/// The topic filters of all sessions on all workers, to be matched with topic names.
///
/// Shared by all workers, guarded by the broker's TurnLock: `match` and `group` under its read
/// side, changes under its write side. Only `generation` may be read without it.
///
/// The cost of `match` is the levels of the topic times the wildcards on its path, never the size
/// of the tree. Nodes exist only for levels of filters. The cost of a change is the levels of the
/// filter, however many sessions subscribe to it and however many filters a session has.
class SubscriptionTree {
  struct Node;
  struct Leaf;
  struct Walk;
  /// A leaf that a topic has reached.
  struct Reached {
    const Leaf* leaf = nullptr;
    /// The first wildcard on the path matched a level that begins with '$'.
    bool dollar = false;

    template <typename Visit>
    void for_each_plain(Visit visit) const;
  };

 public:
  SubscriptionTree();
  ~SubscriptionTree();
  SubscriptionTree(const SubscriptionTree&) = delete;
  SubscriptionTree& operator=(const SubscriptionTree&) = delete;

  /// Adds the subscription, or replaces that of `receiver.session` for this filter (for a shared
  /// filter: its membership in the group, whose order stays). True if it is new.
  /// [MQTT-3.8.4-3]
  bool subscribe(mqtt::TopicFilter filter, const Receiver& receiver);
  /// True if there was one, with exactly this filter. [MQTT-3.10.4-1] From then on `match` does not
  /// return it. [MQTT-3.10.4-2]
  bool unsubscribe(mqtt::TopicFilter filter, const SessionId& session);

  /// All subscriptions whose filter matches `topic`, and no others [MQTT-3.3.2-3], byte for byte
  /// [MQTT-4.7.3-4]. Filters that begin with a wildcard do not match topics that begin with '$'
  /// [MQTT-4.7.2-1]; the same applies after a mount point (Receiver::skips_dollar). Never null.
  MatchPtr match(mqtt::TopicName topic) const;
  /// The same, if at most `nodes` nodes must be visited; subtracts those visited. Otherwise
  /// nullptr: use a Search to do it in steps.
  MatchPtr match_within(mqtt::TopicName topic, std::size_t& nodes) const;

  /// A match that is too long for one step: each `+` in the filters doubles the paths of a topic.
  /// The tree may change between two steps; the result is valid for the moment in which it is
  /// requested.
  ///
  /// Created, used and destroyed by one worker, under its read side.
  class Search {
   public:
    Search(const SubscriptionTree& tree, mqtt::TopicName topic);
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    mqtt::TopicName topic() const { return mqtt::TopicName::from_valid(topic_); }
    /// Visits up to `nodes` nodes, and subtracts them. True when there are no more.
    bool go_on(std::size_t& nodes);
    /// After `go_on` has returned true, in the same turn.
    MatchPtr match() const;

   private:
    friend class SubscriptionTree;
    const SubscriptionTree& tree_;
    const std::string topic_;
    std::unique_ptr<Walk> walk_;
    /// Leaves for this topic that were added after the search began, perhaps after it passed.
    std::vector<Reached> added_;
    std::uint64_t began_ = 0;  ///< when, in the count of `Retired`
  };

  /// The members of one group, by its whole filter. nullptr if it is empty.
  ShareGroupPtr group(mqtt::TopicFilter filter) const;

  /// Changes with every change of the tree that may affect the match of `topic`: a result of
  /// `match` is valid while this is the same. Filters with another first level do not change it
  /// (except those in the same one of 256 buckets).
  ///
  /// It is the sum of two counters that only increase, so every value corresponds to one moment,
  /// and reading the two one after the other gives a value that was correct in between.
  std::uint64_t generation(mqtt::TopicName topic) const {
    std::string_view rest = topic.text();
    return generations_[generation_bucket(mqtt::next_level(rest))].load(std::memory_order_acquire) +
           wildcard_generation_.load(std::memory_order_acquire);
  }

  std::size_t subscription_count() const { return subscriptions_; }  ///< plain ones
  std::size_t shared_subscription_count() const {                    ///< members of groups
    return shared_subscriptions_;
  }
  std::size_t node_count() const { return nodes_; }  ///< without the root

 private:
  struct Group;
  using Generation = std::atomic<std::uint64_t>;
  static constexpr std::size_t generation_buckets = 256;

  std::size_t generation_bucket(std::string_view first_level) const {
    return hash_(first_level) % generation_buckets;
  }
  void changed(std::string_view filter);

  std::uint64_t child_hash(const Node& parent, std::string_view level) const;
  Node* find_child(const Node& parent, std::string_view level) const;
  Node& child(Node& parent, std::string_view level);
  void prune(Node* node);

  /// Where the subscribers of one filter are.
  struct Location {
    Node* node = nullptr;
    std::unique_ptr<Leaf>* leaf = nullptr;
  };
  Location make_location(std::string_view filter);  ///< creates what is missing
  Location locate(std::string_view filter) const;   ///< nulls if there is no such node
  static bool leave_group(Leaf& leaf, std::string_view name, const SessionId& session);

  bool go_on(Walk& walk, std::size_t& nodes) const;
  MatchPtr make_match(const std::vector<Reached>& leaves) const;
  static void group_by_worker(const std::vector<Reached>& leaves, Match& match);
  ShareGroupPtr snapshot(const Group& group) const;
  static ShareGroupPtr without_dollar_skippers(ShareGroupPtr group);

  TextHash hash_;
  std::unique_ptr<Node> root_;
  /// All children of all nodes except those for `+`, by parent and text.
  HashIndex<Node*> children_;
  std::array<Generation, generation_buckets> generations_{};
  Generation wildcard_generation_{1};
  std::size_t nodes_ = 0;
  std::size_t subscriptions_ = 0;
  std::size_t shared_subscriptions_ = 0;
  /// Guards the snapshots of share groups, which readers create on first use.
  mutable std::mutex snapshots_;

  /// Nodes and leaves removed from the tree that an earlier search may still reach.
  struct Retired;
  void tell_searches(std::string_view filter, const Leaf& added);
  void retire(std::unique_ptr<Leaf> leaf);
  void retire(std::unique_ptr<Node> node);
  void begin(Search& search) const;
  void end(const Search& search) const;

  /// Guards everything below; readers begin and end searches concurrently.
  mutable std::mutex searches_mutex_;
  mutable std::vector<Search*> searches_;
  mutable std::unique_ptr<Retired> retired_;
  mutable std::uint64_t retirements_ = 0;
  /// Whether there are any; usually there are none.
  mutable std::atomic<bool> searching_{false};
};

}  // namespace broker

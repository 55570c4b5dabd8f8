#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "access/origin_record.h"

namespace broker {

/// A password waiting for its hash.
struct HashJob {
  enum class Outcome : std::uint8_t { proved, refused, undecided };

  std::size_t bytes = 0;                    ///< that it uses while it waits
  std::function<Outcome()> compute;         ///< whether the password is correct
  std::function<void(bool done)> finished;  ///< `done` false: it was not computed
};

/// Jobs by origin and standing: which one is next, and which one is discarded. Not synchronised.
///
/// Each origin has its own queue. Queues of the best standing go first, round-robin within a
/// standing. But a standing with jobs that has been passed over `most_skipped` times gets the next
/// turn, so that none starves.
class HashQueues {
 public:
  struct Taken {
    std::string origin;
    HashJob job;
  };
  static constexpr unsigned most_skipped = 8;

  /// `standing`: that of the origin's queue if it has none yet.
  void add(const std::string& origin, Standing standing, HashJob job);
  /// The oldest job of the queue whose turn it is.
  std::optional<Taken> take_next();
  /// The newest job of the queue that holds the most bytes among those of the worst standing.
  std::optional<HashJob> drop_newest_of_heaviest();
  /// The origin's queue, if there is one, goes to the end of those of `standing`.
  void move(const std::string& origin, Standing standing);
  std::vector<HashJob> take_all();

  bool empty() const { return by_origin_.empty(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Queue {
    std::string origin;
    Standing standing;
    std::deque<HashJob> jobs;
    std::size_t bytes = 0;
  };
  using Queues = std::list<Queue>;
  /// Those of one standing, in the order in which they are served; none is empty.
  struct Class {
    Queues queues;
    std::set<std::pair<std::size_t, Queue*>> by_bytes;
    unsigned passed_over = 0;
  };

  Class& of(Standing standing) { return classes_[static_cast<std::size_t>(standing)]; }
  Class& choose_class();
  void weigh(Queue& queue, std::size_t bytes);
  void remove_if_empty(Queues::iterator queue);

  std::array<Class, number_of_standings> classes_;
  std::unordered_map<std::string, Queues::iterator> by_origin_;
  std::size_t bytes_ = 0;
};

}  // namespace broker

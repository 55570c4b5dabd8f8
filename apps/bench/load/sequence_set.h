#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace bench {

/// The numbers of an ascending sequence that have arrived: all below a mark, except for some gaps.
///
/// Uses a few words while nothing is missing. Keeps at most `max_gaps` gaps. Beyond that the oldest
/// is discarded: its numbers stay missing, and one that arrives later counts as a duplicate.
class SequenceSet {
 public:
  static constexpr std::size_t max_gaps = 4096;

  enum class Arrival : std::uint8_t {
    next,       ///< the number after the highest so far
    ahead,      ///< higher: those in between are missing so far
    late,       ///< was missing
    duplicate,  ///< had arrived
  };

  Arrival take(std::uint64_t number) {
    if (number != next_) return take_other(number);
    ++next_;
    return Arrival::next;
  }

  /// Starts at `number` instead of 0; to be called before the first arrival.
  void start_at(std::uint64_t number) { next_ = number; }
  std::uint64_t next() const { return next_; }

 private:
  using Gaps =
      std::map<std::uint64_t,
               std::uint64_t>;  ///< from the first missing number to the one after the last

  Arrival take_other(std::uint64_t number);
  void add_gap(std::uint64_t begin, std::uint64_t end);

  std::uint64_t next_ = 0;
  std::unique_ptr<Gaps> gaps_;
};

}  // namespace bench

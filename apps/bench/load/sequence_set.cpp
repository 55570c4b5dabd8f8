#include "bench/load/sequence_set.h"

#include <iterator>

namespace bench {

SequenceSet::Arrival SequenceSet::take_other(std::uint64_t number) {
  if (number > next_) {
    add_gap(next_, number);
    next_ = number + 1;
    return Arrival::ahead;
  }
  if (!gaps_) return Arrival::duplicate;
  auto gap = gaps_->upper_bound(number);
  if (gap == gaps_->begin()) return Arrival::duplicate;
  --gap;
  const auto [begin, end] = *gap;
  if (number >= end) return Arrival::duplicate;
  gaps_->erase(gap);
  if (begin < number) gaps_->emplace(begin, number);
  if (number + 1 < end) gaps_->emplace(number + 1, end);
  return Arrival::late;
}

void SequenceSet::add_gap(std::uint64_t begin, std::uint64_t end) {
  if (!gaps_) gaps_ = std::make_unique<Gaps>();
  if (gaps_->size() == max_gaps) gaps_->erase(gaps_->begin());
  gaps_->emplace(begin, end);
}

}  // namespace bench

#include "bench/load/tally.h"

#include <algorithm>

namespace bench {
namespace {

void add_counts(Counts& sum, const Counts& other) {
  for (const auto field :
       {&Counts::connected, &Counts::connect_failures, &Counts::disconnects,
        &Counts::subscribe_failures, &Counts::published, &Counts::publish_failures,
        &Counts::acknowledged, &Counts::expected, &Counts::delivered, &Counts::delivered_bytes,
        &Counts::delivered_in_time, &Counts::lost, &Counts::duplicated, &Counts::out_of_order,
        &Counts::corrupted, &Counts::unexpected, &Counts::delayed_sends}) {
    sum.*field += other.*field;
  }
}

}  // namespace

void Tally::add(const Tally& other) {
  add_counts(counts, other.counts);
  for (const auto histogram : {&Tally::connect, &Tally::tls, &Tally::subscribe, &Tally::completion,
                               &Tally::arrival, &Tally::arrival_before}) {
    (this->*histogram).add(other.*histogram);
  }
  all_published += other.all_published;
  all_delivered += other.all_delivered;
  all_connected += other.all_connected;
  stalled_delivered += other.stalled_delivered;
  written_off += other.written_off;
  unsent += other.unsent;
}

}  // namespace bench

#include "metrics/metrics.h"

namespace broker {

Metrics::Metrics(std::size_t workers)
    : size_(workers), workers_(std::make_unique<Counters[]>(workers)) {}

std::int64_t Metrics::total(Count what) const {
  std::int64_t sum = 0;
  for (std::size_t worker = 0; worker < size_; ++worker) sum += workers_[worker].get(what);
  return sum;
}

std::int64_t Metrics::total(DropReason reason) const {
  std::int64_t sum = 0;
  for (std::size_t worker = 0; worker < size_; ++worker) sum += workers_[worker].get(reason);
  return sum;
}

std::int64_t Metrics::total(DropKind kind) const {
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < number_of_drop_reasons; ++row) {
    const auto reason = static_cast<DropReason>(row);
    if (info(reason).kind == kind) sum += total(reason);
  }
  return sum;
}

std::int64_t Metrics::dropped() const {
  return total(DropKind::limit) + total(DropKind::rule);
}

std::int64_t Metrics::delivered() const {
  return total(Count::delivered_qos0) + total(Count::delivered_qos1) + total(Count::delivered_qos2);
}

std::int64_t Metrics::unaccounted() const {
  return total(Count::granted) - delivered() - total(Count::queued_messages) -
         total(Count::in_flight_messages) - dropped();
}

}  // namespace broker

#include "session/hand_over.h"

#include <utility>

#include "mqtt/protocol/topic.h"
#include "session/dispatcher.h"

namespace broker {

void HandOver::take(Left left) {
  waiting_.push_back(std::move(left));
  if (waiting_.size() == 1) work();
}

void HandOver::on_turn_end() {
  if (!waiting_.empty() && !context_.dispatcher.must_wait()) work();
}

void HandOver::work() {
  std::size_t done = 0;
  for (; done < slice && !waiting_.empty(); ++done) {
    if (!work_on(waiting_.front())) waiting_.pop_front();
  }
  context_.here.worker.count_work(done);
  // It is nobody's fault who publishes now.
  context_.dispatcher.take_overload();
  if (!waiting_.empty()) context_.here.worker.keep_turning();
}

/// One delivery. False if there was none left.
bool HandOver::work_on(Left& left) {
  if (auto sent = left.sender.take_oldest()) {
    if (!sent->item) return true;
    context_.here.counters.add_in_flight(-1, -std::int64_t{sent->item->payload_bytes});
    settle(std::move(*sent->item), sent->qos == mqtt::QoS::at_least_once);
    return true;
  }
  if (left.queue.empty()) return false;
  Delivery delivery = std::move(left.queue.front());
  left.queue.pop_front();
  context_.here.counters.add_queued(-1, -std::int64_t{delivery.payload_bytes});
  settle(std::move(delivery), true);
  return true;
}

void HandOver::settle(Delivery delivery, bool may_be_handed_over) {
  ShareGroupPtr group;
  if (delivery.share && may_be_handed_over) {
    context_.shared_trees.read();
    if (const auto filter = mqtt::TopicFilter::parse(delivery.share->filter))
      group = context_.subscriptions.group(*filter);
  }
  if (!group) return context_.here.counters.drop(DropReason::session_ended);
  if (delivery.message->expired(context_.here.worker.now()))
    return context_.here.counters.drop(DropReason::expired);
  Publication publication(std::move(delivery.message));
  publication.only_receiver();
  context_.dispatcher.hand_over(publication, group);
}

}  // namespace broker

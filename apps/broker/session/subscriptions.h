#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/filter_reader.h"
#include "mqtt/protocol/packet.h"
#include "routing/receiver.h"
#include "runtime/sliced_work.h"
#include "session/filter_request.h"
#include "session/outgoing.h"
#include "session/session_core.h"
#include "session/subscription_set.h"

namespace broker {

/// What the client has subscribed to: SUBSCRIBE and UNSUBSCRIBE, filter by filter, waiting where an
/// authoriser has to think and where the turn has done enough, then one answer, then the retained
/// messages.
///
/// A view of the session's state, made where it is used.
class Subscriptions {
 public:
  Subscriptions(SessionCore& core, std::unique_ptr<SubscriptionSet>& set,
                std::unique_ptr<FilterRequest>& request, Outgoing outgoing)
      : core_(core), set_(set), request_(request), outgoing_(outgoing) {}

  Checked<InputOutcome> on_subscribe(const mqtt::UnreadFilters& packet) {
    return begin(packet, Access::subscribe);
  }
  Checked<InputOutcome> on_unsubscribe(const mqtt::UnreadFilters& packet) {
    return begin(packet, Access::unsubscribe);
  }
  /// A request that is under way is given up: what it has changed so far stays. The client, which
  /// has no answer, is going to ask again.
  void on_connection_lost();

  /// Takes up subscriptions that the session had elsewhere or before: no answer, nothing retained.
  void restore(SubscriptionSet set);
  bool is_quiet() const { return !request_; }

 private:
  /// What some filters of a request change in the tree, done under one lock.
  struct TreeChanges {
    struct Begun {
      mqtt::TopicFilter filter;  ///< views into the set
      Receiver receiver;
      bool replay;  ///< what is retained is to be sent
    };
    std::vector<Begun> begun;
    std::vector<SubscriptionSet::node_type> ended;

    bool empty() const { return begun.empty() && ended.empty(); }
  };
  /// How far a request has come.
  enum class Progress : std::uint8_t { done, stopped /** by the end of its steps */, asking };

  Checked<InputOutcome> begin(const mqtt::UnreadFilters& packet, Access access);
  Checked<Progress> work_through(Steps& left);
  void go_on_later();
  bool go_on(Steps& left);
  static Checked<> check_filters(FilterRequest& request, Steps& left);
  Progress apply_filters(Steps& left);
  Verdict may_use(std::string_view filter, Access access);
  void on_decided(Answered answered);
  void answer(FilterRequest& request, Steps& left);

  mqtt::ReasonCode apply(std::string filter, TreeChanges& changes);
  mqtt::ReasonCode subscribe(std::string filter, TreeChanges& changes);
  mqtt::ReasonCode unsubscribe(std::string_view filter, TreeChanges& changes);
  mqtt::ReasonCode refused() const;
  Receiver receiver_for(const mqtt::TopicFilter& filter, const Subscription& subscription) const;
  void put_into_effect(TreeChanges& changes);
  void begin_replay(const TreeChanges::Begun& begun, std::uint64_t newest);

  SessionCore& core_;
  std::unique_ptr<SubscriptionSet>& set_;
  std::unique_ptr<FilterRequest>& request_;
  Outgoing outgoing_;
};

}  // namespace broker

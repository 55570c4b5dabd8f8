#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "message/message.h"
#include "message/publication.h"
#include "message/wire_forms.h"
#include "routing/match.h"
#include "routing/router.h"
#include "runtime/worker.h"
#include "session/fan_out.h"
#include "session/intake.h"
#include "session/retained_order.h"
#include "session/session_context.h"

namespace broker {

class DeliveryLetter;

/// Where a message meets its receivers: those of this worker at once, those of other workers by one
/// letter per worker and loop turn. One per worker.
class Dispatcher final : public TurnEndTask {
 public:
  Dispatcher(SessionContext& context, Router& router, RetainedOrder& order);
  ~Dispatcher();
  /// All workers' dispatchers, by worker index, before any worker starts.
  void connect(std::vector<Dispatcher*> dispatchers);

  /// Delivers the message to everyone whose subscription matches, and keeps it if it is retained.
  /// Nested calls (a Will that becomes due meanwhile) do not happen: nothing that deliver does ends
  /// a session at once. If it takes more than a turn has for one message, that is done in steps and
  /// the answer is `later`: `make_done()` is then asked for the RoutedLater that is to be told.
  template <class MakeDone>
  Routed publish(Publication& publication, MakeDone make_done) {
    const Routed routed = publish_at_once(publication);
    if (routed == Routed::later) begin_fan_out(publication, make_done());
    return routed;
  }
  /// The same where nobody waits.
  void publish(Publication& publication) {
    publish(publication, [] { return RoutedLater(); });
  }

  // For FanOuts.

  /// Receivers and share groups, those that one message reaches in one step.
  static constexpr std::size_t receivers_in_step = 1024;
  static std::size_t size_of(const Match& match) {
    return match.receivers.size() + match.groups.size();
  }
  /// Whether the message reaches them in steps.
  bool in_steps(const MessageView& view, const Match& match) const;
  /// All in one go, and the retained tree.
  void deliver(Publication& publication, const MatchPtr& match);
  /// [from, to) of the receivers and, behind them, the groups of the match.
  void reach(Publication& publication, const MatchPtr& match, std::size_t from, std::size_t to);
  Router& router() { return router_; }
  FanOuts& fan_outs() { return fan_outs_; }

  /// A message that one member of a share group is to take.
  struct Offer {
    ShareGroupPtr group;
    std::uint32_t first;  ///< the member that is asked next
    std::uint32_t tries;  ///< members that are left to be asked
    bool begun;           ///< the delivery was begun before, for a member that has left
  };
  /// Asks one member after the other until one takes the message; goes on by letter where a member
  /// lives on another worker.
  void offer(Publication& publication, Offer offer);
  /// The same for what comes by letter.
  void take_offer(Publication& publication, Offer offer);
  /// A delivery for a session of the group that has ended, and that nobody counts any more, for
  /// another member, whose turn it is.
  void hand_over(Publication& publication, const ShareGroupPtr& group);

  /// The receivers of a message that are on this worker.
  void deliver_here(Publication& publication, std::span<const Receiver> receivers);

  /// Whether something has been published since the last call that another worker has no room for:
  /// whoever did so should publish no more until others have room again.
  bool take_overload() { return std::exchange(overload_, false); }
  /// Whether nobody here may publish now: some worker has far too much to deliver already. Called
  /// before each packet.
  bool must_wait() { return choked_ && is_still_choked(); }
  /// Called when others may have room again, on this worker.
  void when_others_have_room(std::function<void()> call) {
    when_others_have_room_ = std::move(call);
  }
  /// A letter of `from` to this worker has been delivered, and with it messages of these strands.
  void opened(const Dispatcher& from, const Intake::Load& load,
              std::span<const RetainedOrder::Strand> strands);

  /// Posts what the turn has gathered so far. Before any acknowledgement is written: its message
  /// has then been handed to every receiver's worker. [MQTT-4.3.2-4]
  void post_letters();
  void on_turn_end() override { post_letters(); }

 private:
  Routed publish_at_once(Publication& publication);
  void begin_fan_out(Publication& publication, RoutedLater done);
  void post(Publication& publication, const MatchPtr& match, std::uint16_t worker,
            std::uint32_t begin, std::uint32_t count);
  void deliver_retained(Publication& publication, const MatchPtr& match);
  void post_in_order(Publication& publication, const MatchPtr& match, std::uint16_t worker,
                     std::uint32_t begin, std::uint32_t count, RetainedOrder::Turn& turn);
  bool is_overloaded(const Publication& publication, std::uint16_t worker,
                     const Intake::Load& more) const;
  void drop_overloading(std::uint32_t deliveries);
  void look_at_room(std::uint16_t worker, const Intake::Load& more);
  void count_on_its_way(const Publication& publication, int sign);
  bool is_still_choked();
  void on_room();
  DeliveryLetter& letter_to(std::uint16_t worker);
  void post_letter(std::size_t worker);
  void post_quietly(std::size_t worker);

  SessionContext& context_;
  Router& router_;
  RetainedOrder& order_;
  WireForms forms_;
  FanOuts fan_outs_;
  MatchPtr slow_match_;                ///< from publish_at_once to begin_fan_out
  std::uint64_t deliveries_here_ = 0;  ///< numbers the calls of deliver_here
  std::vector<Dispatcher*> dispatchers_;
  std::vector<std::unique_ptr<DeliveryLetter>> letters_;  ///< by worker; nullptr: nothing gathered
  /// By worker: the number of the last letter that was posted without waking it.
  std::vector<Mailbox::Number> quiet_;
  std::vector<std::uint16_t> to_wake_;  ///< workers that have such letters, of this turn
  /// Letters to this worker itself that are not opened yet. While there are any, everything for its
  /// receivers goes the same way, behind them.
  std::size_t own_letters_ = 0;
  std::optional<Intake> intake_;     ///< this worker's; from `connect` on
  std::vector<Intake::Load> known_;  ///< by worker: its intake, as last looked at
  std::function<void()> when_others_have_room_;
  bool overload_ = false;
  bool choked_ = false;
};

}  // namespace broker

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "message.h"
#include "routing/match.h"
#include "routing/router.h"
#include "runtime/worker.h"
#include "session/publication.h"
#include "session/retained_order.h"
#include "session/session_context.h"
#include "session/wire_forms.h"

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
  /// False if there was no matching subscription. Nested calls (a Will that becomes due meanwhile)
  /// do not happen: nothing that deliver does ends a session at once.
  bool publish(Publication& publication);

  /// A message that one member of a share group is to take.
  struct Offer {
    ShareGroupPtr group;
    std::uint32_t first;  ///< the member that is asked next
    std::uint32_t tries;  ///< members that are left to be asked
    /// The delivery was begun before, for a member whose session has ended.
    bool begun;
  };
  /// Asks one member after the other until one takes the message; goes on by letter where a member
  /// lives on another worker.
  void offer(Publication& publication, Offer offer);
  /// The same by letter: what comes out of one.
  void take_offer(Publication& publication, Offer offer);
  /// A delivery for a session of the group that has ended, and that nobody counts any more, for
  /// another member, whose turn it is.
  void hand_over(Publication& publication, const ShareGroupPtr& group);

  /// A letter of `from` has been delivered, and with it messages of these strands.
  void opened(const Dispatcher& from, std::span<const RetainedOrder::Strand> strands);

  /// The receivers of a message that are on this worker.
  void deliver_here(Publication& publication, std::span<const Receiver> receivers);

  /// Posts what the turn has gathered so far. Before any acknowledgement is written: its message
  /// has then been handed to every receiver's worker. [MQTT-4.3.2-4]
  void post_letters();
  void on_turn_end() override { post_letters(); }

 private:
  void publish_retained(Publication& publication, const Match& match);
  void count_on_its_way(const Publication& publication, int sign);
  DeliveryLetter& letter_to(std::uint16_t worker);
  void post_letter(std::size_t worker);

  SessionContext& context_;
  Router& router_;
  RetainedOrder& order_;
  WireForms forms_;
  std::uint64_t fan_outs_ = 0;  ///< numbers the calls of deliver_here
  std::vector<Dispatcher*> dispatchers_;
  std::vector<std::unique_ptr<DeliveryLetter>> letters_;  ///< by worker; nullptr: nothing gathered
  /// Letters to this worker itself that are not opened yet. While there are any, everything for its
  /// receivers goes the same way, behind them.
  std::size_t own_letters_ = 0;
};

}  // namespace broker

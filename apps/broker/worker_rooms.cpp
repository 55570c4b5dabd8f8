#include "worker_rooms.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "net/opening/client_opening.h"

namespace broker {
namespace {

/// Password hashes that are computed at a time: as many as there are processors, since messages go
/// first there; but argon2id takes memory for each.
unsigned hash_threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
}
/// What passwords that wait for their hash may take.
constexpr std::size_t hash_bytes = std::size_t{16} << 20U;

std::shared_ptr<const AccessFiles> nobody() {
  return std::make_shared<const AccessFiles>();
}

}  // namespace

SharedRooms::SharedRooms(unsigned workers, const Config& config)
    : turn_lock(workers),
      retained_order(workers),
      admission(config.listeners.size()),
      opening_budget(config.limits.max_unauthenticated_bytes),
      hashes(hash_threads(), hash_bytes) {}

WorkerRooms::WorkerRooms(unsigned index, const Clock& clock, Log& log, Counters& counters,
                         SharedRooms& shared, std::shared_ptr<const Config> config)
    : worker(index, clock),
      trees(shared.turn_lock, index),
      passwords(nobody(), shared.hashes),
      rules(nobody(), log),
      context{worker, log, counters, std::move(config)},
      work(worker),
      ended_subscriptions(work, trees, shared.subscriptions),
      session_context{context, trees, shared.subscriptions, shared.retained, shared.directory,
                      access,  work,  ended_subscriptions,  dispatcher,      sessions},
      sessions(session_context),
      router(shared.subscriptions, trees, worker),
      dispatcher(session_context, router, shared.retained_order),
      pool(worker),
      input(worker),
      connection_context{session_context,
                         connections,
                         pool,
                         input,
                         shared.authenticator ? *shared.authenticator : passwords,
                         shared.methods,
                         shared.admission,
                         shared.opening_budget,
                         &ClientOpening::make,
                         client_gate},
      connections(connection_context),
      end_of_reading(trees) {
  dispatcher.when_others_have_room([this] { input.release(); });
  // What waits for its turn first: it makes output, and letters.
  worker.add_turn_end_task(input);
  worker.add_turn_end_task(work);
  worker.add_turn_end_task(dispatcher.fan_outs());
  worker.add_turn_end_task(sessions.hand_over());
  // Then letters: an acknowledgement leaves when the message has been handed to other workers.
  // And once more, for the Wills of connections that end with the turn.
  worker.add_turn_end_task(dispatcher);
  worker.add_turn_end_task(connections);
  worker.add_turn_end_task(dispatcher);
  worker.add_turn_end_task(end_of_reading);
}

void WorkerRooms::use(const std::shared_ptr<const AccessFiles>& files, Authoriser* own) {
  passwords.use(files);
  rules.use(files);
  Authoriser* const by_files = files->any_rules() ? &rules : nullptr;
  access.set(own != nullptr ? own : by_files);
}

}  // namespace broker

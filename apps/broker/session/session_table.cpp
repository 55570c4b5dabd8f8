#include "session/session_table.h"

#include <cassert>
#include <utility>

namespace broker {

Session& SessionTable::create(std::string_view client_id) {
  assert(context_.here.worker.is_current());
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back({});
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slot& home = slots_[slot];
  const SessionId id{slot, home.generation,
                     static_cast<std::uint16_t>(context_.here.worker.index())};
  home.session = std::make_unique<Session>(context_, id, client_id);
  return *home.session;
}

/// From the first moment nobody finds it any more: neither what it publishes as its Will, nor what
/// it leaves to others, comes back to it.
void SessionTable::end(Session& session) {
  assert(context_.here.worker.is_current());
  const std::uint32_t slot = session.id().slot;
  const std::unique_ptr<Session> ended = std::move(slots_[slot].session);
  ++slots_[slot].generation;
  ended->wind_up();
  context_.directory.release(ended->core().name);
  free_.push_back(slot);
}

SessionState SessionTable::freeze(Session& session) {
  assert(context_.here.worker.is_current());
  SessionState state = session.freeze();
  const std::uint32_t slot = session.id().slot;
  context_.directory.release(session.core().name);
  slots_[slot].session.reset();
  ++slots_[slot].generation;
  free_.push_back(slot);
  return state;
}

Session* SessionTable::thaw(SessionState state) {
  assert(context_.here.worker.is_current());
  const auto here = static_cast<std::uint16_t>(context_.here.worker.index());
  const ClientDirectory::Claim claim = context_.directory.claim(state.client_id, here);
  if (claim.session.valid() || claim.worker != here) {
    context_.directory.abandon(state.client_id);
    return nullptr;
  }
  Session& session = create(state.client_id);
  session.thaw(std::move(state));
  context_.directory.settle(session.core().name);
  return &session;
}

}  // namespace broker

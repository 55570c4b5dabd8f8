#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/paged_array.h"
#include "session/hand_over.h"
#include "session/session.h"

namespace broker {

/// The sessions of one worker, by SessionId. Belongs to that worker.
class SessionTable {
 public:
  explicit SessionTable(SessionContext& context) : context_(context), hand_over_(context) {}

  /// nullptr if the session is over.
  Session* find(const SessionId& id) {
    if (id.slot >= slots_.size() || slots_[id.slot].generation != id.generation) return nullptr;
    return slots_[id.slot].session.get();
  }

  Session& create(std::string_view client_id);
  /// Publishes the Will if one is due, takes the subscriptions out of the tree, forgets the client
  /// identifier, destroys the session.
  void end(Session& session);

  /// Takes a quiet session out of the table as a value, to go on elsewhere (see Session::freeze).
  /// The identifier is free until it does.
  SessionState freeze(Session& session);
  /// Goes on with a session here. nullptr if a client has connected under its identifier meanwhile,
  /// or is about to, on another worker: then what was frozen is over.
  Session* thaw(SessionState state);

  template <class Visitor>
  void for_each(Visitor visit) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].session) visit(*slots_[i].session);
    }
  }
  /// The same for those in up to `count` slots from `first` on. The slot to go on with; past all of
  /// them: 0.
  template <class Visitor>
  std::size_t for_some(std::size_t first, std::size_t count, Visitor visit) {
    std::size_t slot = first;
    for (; slot < slots_.size() && slot < first + count; ++slot) {
      if (slots_[slot].session) visit(*slots_[slot].session);
    }
    return slot < slots_.size() ? slot : 0;
  }
  std::size_t size() const { return slots_.size() - free_.size(); }

  /// Of what sessions leave when they end.
  HandOver& hand_over() { return hand_over_; }

 private:
  struct Slot {
    std::unique_ptr<Session> session;
    std::uint32_t generation = 0;
  };
  SessionContext& context_;
  HandOver hand_over_;
  PagedArray<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace broker

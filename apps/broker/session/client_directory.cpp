#include "session/client_directory.h"

namespace broker {

ClientDirectory::Claim ClientDirectory::claim(std::string_view client_id, std::uint16_t worker) {
  Shard& home = shard(client_id);
  const std::scoped_lock guard(home.mutex);
  auto position = home.entries.find(client_id);
  if (position == home.entries.end()) {
    position = home.entries.emplace(client_id, Entry{{}, 0, worker}).first;
  }
  ++position->second.claims;
  return {position->second.worker, position->second.session};
}

SessionId ClientDirectory::find(std::string_view client_id) const {
  const Shard& home = shard(client_id);
  const std::scoped_lock guard(home.mutex);
  const auto position = home.entries.find(client_id);
  return position == home.entries.end() ? SessionId{} : position->second.session;
}

void ClientDirectory::settle(std::string_view client_id, SessionId session) {
  Shard& home = shard(client_id);
  const std::scoped_lock guard(home.mutex);
  Entry& entry = home.entries.find(client_id)->second;
  --entry.claims;
  if (!entry.session.valid()) sessions_.fetch_add(1, std::memory_order_relaxed);
  entry.session = session;
}

void ClientDirectory::abandon(std::string_view client_id) {
  Shard& home = shard(client_id);
  const std::scoped_lock guard(home.mutex);
  const auto position = home.entries.find(client_id);
  if (--position->second.claims == 0 && !position->second.session.valid()) home.entries.erase(position);
}

void ClientDirectory::release(std::string_view client_id) {
  Shard& home = shard(client_id);
  const std::scoped_lock guard(home.mutex);
  const auto position = home.entries.find(client_id);
  position->second.session = SessionId{};
  sessions_.fetch_sub(1, std::memory_order_relaxed);
  if (position->second.claims == 0) home.entries.erase(position);
}

}  // namespace broker

#include "session/client_directory.h"

namespace broker {

const SessionName* const* ClientDirectory::find_in(const Shard& shard, std::uint64_t hash,
                                                   std::string_view client_id) {
  return shard.sessions.find(
      hash, [&](const SessionName* name) { return name->client_id.text() == client_id; });
}

ClientDirectory::Claim ClientDirectory::claim(std::string_view client_id, std::uint16_t worker) {
  const std::uint64_t hash = hash_(client_id);
  Shard& home = shard(hash);
  const std::scoped_lock guard(home.mutex);
  const SessionName* const* known = find_in(home, hash, client_id);
  const SessionId session = known != nullptr ? (*known)->session : SessionId{};
  auto position = home.under_way.find(client_id);
  if (position == home.under_way.end()) {
    position =
        home.under_way.emplace(client_id, UnderWay{0, session.valid() ? session.worker : worker})
            .first;
  }
  ++position->second.claims;
  return {position->second.worker, session};
}

SessionId ClientDirectory::find(std::string_view client_id) const {
  const std::uint64_t hash = hash_(client_id);
  const Shard& home = shard(hash);
  const std::scoped_lock guard(home.mutex);
  const SessionName* const* known = find_in(home, hash, client_id);
  return known != nullptr ? (*known)->session : SessionId{};
}

void ClientDirectory::settle(const SessionName& name) {
  const std::string_view client_id = name.client_id.text();
  const std::uint64_t hash = hash_(client_id);
  Shard& home = shard(hash);
  const std::scoped_lock guard(home.mutex);
  end_claim(home, client_id);
  if (find_in(home, hash, client_id) != nullptr) return;
  home.sessions.insert(hash, &name);
  sessions_.fetch_add(1, std::memory_order_relaxed);
}

void ClientDirectory::abandon(std::string_view client_id) {
  Shard& home = shard(hash_(client_id));
  const std::scoped_lock guard(home.mutex);
  end_claim(home, client_id);
}

void ClientDirectory::end_claim(Shard& shard, std::string_view client_id) {
  const auto position = shard.under_way.find(client_id);
  if (--position->second.claims == 0) shard.under_way.erase(position);
}

void ClientDirectory::release(const SessionName& name) {
  const std::uint64_t hash = hash_(name.client_id.text());
  Shard& home = shard(hash);
  const std::scoped_lock guard(home.mutex);
  home.sessions.erase(hash, [&](const SessionName* known) { return known == &name; });
  sessions_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace broker

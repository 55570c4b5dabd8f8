#include "net/listener_set.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "runtime/heap_account.h"

namespace broker {

ListenerSet::ListenerSet(Rooms rooms)
    : rooms_(std::move(rooms)),
      pause_(rooms_.here.worker.loop(), rooms_.opening_budget,
             [this](bool paused) { set_paused(paused); }) {}

std::vector<const Listener*> ListenerSet::leaving(const ListenerIndexes::Change& plan) const {
  std::vector<const Listener*> leaving;
  for (const std::uint16_t index : plan.closing) {
    if (const auto& listener = listeners_[index]) leaving.push_back(listener.get());
  }
  return leaving;
}

bool ListenerSet::any_gone() const {
  return std::ranges::any_of(indexes_.listeners(), &ListenerConfig::gone);
}

std::uint16_t ListenerSet::port(std::size_t position) const {
  const auto& listener = listeners_.at(indexes_.index(position));
  return listener ? listener->port() : std::uint16_t{0};
}

void ListenerSet::close_leaving(Change& change) {
  for (const std::uint16_t index : change.plan.closing) {
    const std::unique_ptr<Listener> leaving = std::move(listeners_[index]);
    if (!leaving) continue;
    for (const std::string& address : leaving->addresses())
      rooms_.here.log.information("No longer listening on {}.", address);
  }
  indexes_ = change.plan.next;
  listeners_.resize(indexes_.listeners().size());
  transports_ = std::move(change.transports);
}

void ListenerSet::open_new(Change& change) {
  for (std::size_t i = 0; i < change.plan.opening.size(); ++i) {
    if (change.opened[i]) start(change.plan.opening[i], std::move(change.opened[i]));
  }
}

void ListenerSet::start(std::uint16_t index, std::unique_ptr<Listener> listener) {
  Listener::Events events;
  events.on_accept = [this, index](int fd) { accept(index, fd); };
  events.on_exhausted = [this](const std::string& reason) { report_exhaustion(reason); };
  listener->share_port(false);
  for (const std::string& address : listener->addresses())
    rooms_.here.log.information("Listening on {}.", address);
  listener->start(rooms_.here.worker.loop(), events);
  listeners_[index] = std::move(listener);
}

void ListenerSet::accept(std::uint16_t index, int fd) {
  rooms_.here.counters.add(Count::sockets_accepted);
  if (!admit(index)) {
    ::close(fd);
    return;
  }
  hand_over(index, fd);
  if (pause_.stops_now()) report_pause();
}

bool ListenerSet::admit(std::uint16_t index) {
  if (heap_account.exhausted()) {  // see MemoryWatch, which tells of it
    rooms_.here.counters.add(Count::memory_refused_sockets);
    return false;
  }
  const Config& config = *rooms_.here.config;
  const ListenerConfig& listener = config.listeners[index];
  const std::uint32_t global_limit = config.limits.global_max_connections;
  if (rooms_.admission.enter(index, listener.max_connections, global_limit)) return true;
  if (config.connection_messages)
    rooms_.here.log.notice("Connection to {} denied: too many connections.", name(listener));
  return false;
}

void ListenerSet::hand_over(std::uint16_t index, int fd) {
  const std::shared_ptr<const ListenerTransport> transport = transports_[index];
  const std::uint32_t opening_bytes = transport->opening_bytes();
  rooms_.opening_budget.add(opening_bytes);
  Worker& chosen =
      placer_.choose(rooms_.workers.all(), rooms_.metrics, rooms_.here.config->placement);
  const auto take = [table = rooms_.tables[chosen.index()], transport, fd, index, opening_bytes] {
    table->add(transport->open(table->worker().loop(), fd), index)
        .start({.counted_bytes = opening_bytes, .read = {}, .claimed_id = {}});
  };
  if (&chosen == &rooms_.here.worker) {
    take();
  } else {
    chosen.post(make_letter(take));
  }
}

void ListenerSet::set_paused(bool paused) {
  for (const auto& listener : listeners_) {
    if (listener) paused ? listener->pause() : listener->resume();
  }
}

/// Called for each connection that is turned away, which may be many a second.
void ListenerSet::report_exhaustion(const std::string& reason) {
  Log& log = rooms_.here.log;
  if (!exhaustion_lines_.may_write(log, LogType::warning, rooms_.here.worker.now(),
                                   "failures to accept a connection"))
    return;
  log.warning("Unable to accept new connections, system socket count has been exceeded: {}.",
              reason);
}

void ListenerSet::report_pause() {
  if (!pause_lines_.allows(rooms_.here.worker.now())) return;
  rooms_.here.log.warning(
      "Connections that have not logged in yet hold {} bytes (max_unauthenticated_bytes {}): new "
      "ones wait until some of it is free.",
      rooms_.opening_budget.used(), rooms_.opening_budget.limit());
}

}  // namespace broker

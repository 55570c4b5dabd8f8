#include "net/listener_set.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/heap_account.h"
#include "support/log_file.h"
#include "support/socket_client.h"
#include "worker_rooms.h"

using namespace broker;
using test::SocketClient;

namespace {

/// On a port that the system chooses.
ListenerConfig on(const std::string& host, std::uint32_t max_connections = 0) {
  ListenerConfig listener;
  listener.host = host;
  listener.port = 0;
  listener.socket_domain = SocketDomain::ipv4;
  listener.max_connections = max_connections;
  return listener;
}

/// A broker of two workers without threads: a test turns their loops. New connections go to both in
/// turns.
struct House {
  explicit House(Config settings = {}) : config(std::move(settings)) {
    config.placement = Placement::spread;
    log.configure(log_settings());
    std::vector<ConnectionTable*> tables;
    for (unsigned i = 0; i < 2; ++i) {
      rooms.push_back(std::make_unique<WorkerRooms>(i, clock, log, metrics.of_worker(i), shared,
                                                    std::make_shared<const Config>(config)));
      group.add(rooms.back()->worker);
      tables.push_back(&rooms.back()->connections);
    }
    for (auto& one : rooms) one->connections.connect(tables);
    set = std::make_unique<ListenerSet>(ListenerSet::Rooms{
        rooms[0]->context, group, tables, metrics, shared.admission, shared.opening_budget});
  }

  LogSettings log_settings() const {
    LogSettings settings;
    settings.to_stderr = false;
    settings.file = log_file.path;
    settings.timestamp = false;
    return settings;
  }

  /// What a change to these listeners needs.
  ListenerSet::Change prepare(const std::vector<ListenerConfig>& listeners) {
    auto plan = set->plan(listeners, std::vector<bool>(config.listeners.size()));
    REQUIRE(plan);
    config.listeners = plan->next.listeners();
    const std::vector<const Listener*> leaving = set->leaving(*plan);
    ListenerSet::Change change{std::move(*plan), {}, {}};
    for (const ListenerConfig& listener : config.listeners)
      change.transports.push_back(*ListenerTransport::make(config, listener, nullptr));
    for (const std::uint16_t index : change.plan.opening)
      change.opened.push_back(*Listener::open(config.listeners[index], leaving));
    return change;
  }
  /// Every worker hears of it.
  void spread() {
    shared.admission.make_room(config.listeners.size());
    for (auto& one : rooms) one->context.config = std::make_shared<const Config>(config);
  }
  void change_to(const std::vector<ListenerConfig>& listeners) {
    ListenerSet::Change change = prepare(listeners);
    spread();
    set->close_leaving(change);
    set->open_new(change);
  }

  /// Both workers do what they have to.
  void turn() {
    for (int i = 0; i < 3; ++i) {
      for (auto& one : rooms) one->worker.loop().run_once(false);
    }
  }
  std::vector<std::size_t> connections() {
    turn();
    return {rooms[0]->connections.size(), rooms[1]->connections.size()};
  }
  std::int64_t count(Count what) const { return metrics.total(what); }
  /// Those of the log, without what connections say of themselves.
  std::vector<std::string> lines() {
    log.configure({});
    std::vector<std::string> lines = log_file.lines();
    std::erase_if(lines, [](const std::string& one) { return one.starts_with("New connection "); });
    return lines;
  }

  test::LogFile log_file;
  Config config;
  SystemClock clock;
  Log log;
  Metrics metrics{2};
  SharedRooms shared{2, config};
  std::vector<std::unique_ptr<WorkerRooms>> rooms;
  WorkerGroup group;
  std::unique_ptr<ListenerSet> set;
};

using Sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("Accepted sockets go to the workers by placement, and are counted") {
  House house;
  house.change_to({on("127.0.0.1")});
  const SocketClient first(house.set->port(0));
  const SocketClient second(house.set->port(0));
  const SocketClient third(house.set->port(0));
  CHECK(house.connections() == Sizes{2, 1});
  CHECK(house.count(Count::sockets_accepted) == 3);
  CHECK(house.shared.admission.count(0) == 3);
  CHECK(house.shared.opening_budget.used() > 0);
}

TEST_CASE("A change opens what is new, closes what goes and keeps what stays") {
  House house;
  house.change_to({on("127.0.0.1"), on("localhost")});
  const std::uint16_t stays = house.set->port(0);
  const std::uint16_t goes = house.set->port(1);
  const SocketClient before(goes);
  CHECK(house.connections() == Sizes{1, 0});

  ListenerSet::Change change = house.prepare({on("0.0.0.0"), on("127.0.0.1")});
  const std::uint16_t comes = change.opened.at(0)->port();
  SECTION("in two halves: with the first nobody comes by the one, with the second by the other") {
    house.spread();
    house.set->close_leaving(change);
    CHECK(house.set->any_gone());
    CHECK_THROWS(SocketClient(goes));
    const SocketClient early(comes);
    CHECK(house.connections() == Sizes{1, 0});
    CHECK(house.set->port(0) == 0);

    house.set->open_new(change);
    CHECK(house.connections() == Sizes{1, 1});
    const SocketClient late(stays);
    CHECK(house.connections() == Sizes{2, 1});
    CHECK(house.set->port(0) == comes);
    CHECK(house.set->port(1) == stays);
    CHECK(house.shared.admission.count(2) == 1);
    CHECK(house.lines() ==
          std::vector<std::string>{
              "Listening on 127.0.0.1 port " + std::to_string(stays) + ".",
              "Listening on 127.0.0.1 port " + std::to_string(goes) + ".",
              "No longer listening on 127.0.0.1 port " + std::to_string(goes) + ".",
              "Listening on 0.0.0.0 port " + std::to_string(comes) + "."});
  }
  SECTION("and one that is planned and not made changes nothing") {
    const SocketClient as_before(goes);
    const SocketClient the_other(stays);
    CHECK(house.connections() == Sizes{2, 1});
    CHECK_FALSE(house.set->any_gone());
    CHECK(house.set->port(1) == goes);
  }
}

TEST_CASE("Who cannot be admitted is sent away, and not counted") {
  House house;
  house.change_to({on("127.0.0.1", 1), on("localhost")});
  SECTION("beyond max_connections of the listener") {
    const SocketClient first(house.set->port(0));
    CHECK(house.connections() == Sizes{1, 0});
    SocketClient second(house.set->port(0));
    CHECK(house.connections() == Sizes{1, 0});
    CHECK(second.drain_until_closed());
    CHECK(house.shared.admission.count(0) == 1);
    const SocketClient elsewhere(house.set->port(1));
    CHECK(house.connections() == Sizes{1, 1});
    CHECK(house.lines().back() == "Connection to 0 127.0.0.1 denied: too many connections.");
  }
  SECTION("while there is no memory") {
    heap_account.set_limit(1'000'000'000'000);
    heap_account.add(2'000'000'000'000);
    SocketClient client(house.set->port(0));
    CHECK(house.connections() == Sizes{0, 0});
    heap_account.add(-2'000'000'000'000);
    heap_account.set_limit(0);
    CHECK(client.drain_until_closed());
    CHECK(house.count(Count::memory_refused_sockets) == 1);
  }
  CHECK(house.shared.admission.count(0) <= 1);
}

TEST_CASE("While connections that are not let in hold all that they may, new ones wait") {
  House house;
  house.change_to({on("127.0.0.1")});
  house.shared.opening_budget.add(house.shared.opening_budget.limit());
  const SocketClient last(house.set->port(0));
  CHECK(house.connections() == Sizes{1, 0});
  SocketClient waits(house.set->port(0));
  CHECK(house.connections() == Sizes{1, 0});
  CHECK(house.count(Count::sockets_accepted) == 1);

  house.shared.opening_budget.add(-house.shared.opening_budget.limit());
  while (house.count(Count::sockets_accepted) == 1) house.turn();
  CHECK(house.connections() == Sizes{1, 1});
  CHECK(house.lines().back().starts_with("Connections that have not logged in yet hold "));
}

TEST_CASE("With the set nobody listens any more") {
  House house;
  house.change_to({on("127.0.0.1")});
  const std::uint16_t port = house.set->port(0);
  house.set.reset();
  CHECK_THROWS(SocketClient(port));
}

TEST_CASE("More listeners than there are indexes are refused") {
  House house;
  const std::vector<ListenerConfig> too_many(ListenerIndexes::most + 1, on("127.0.0.1"));
  CHECK_FALSE(house.set->plan(too_many, {}));
}

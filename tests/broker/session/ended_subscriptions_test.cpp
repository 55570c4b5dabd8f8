/// The subscriptions of sessions that are over leave the tree, a bounded number in each turn.

#include <catch2/catch.hpp>
#include <string>

#include "broker/session/rooms.h"
#include "support/bytes_notation.h"
#include "support/packet_builders.h"

using namespace test;

namespace {

void subscribe_to(Rooms& rooms, broker::Session& session, const std::string& root, int count) {
  Bytes filters;
  for (int i = 0; i < count; ++i) {
    const Bytes filter = hex("('" + root + "/" + std::to_string(i) + "') 00");
    filters.insert(filters.end(), filter.begin(), filter.end());
  }
  REQUIRE(session.subscriptions().on_subscribe({1, {}, filters}));
  rooms.turns_until_idle();
  rooms.end_turn();
}

/// Whether anyone's subscription matched.
bool publish_to(Rooms& rooms, std::string_view topic) {
  broker::Publication publication(broker::MessageView{
      .topic = *mqtt::TopicName::parse(topic), .payload = {}, .properties = {}, .publisher = {}});
  const bool matched = rooms.dispatcher.publish(publication, [] {
    return broker::RoutedLater();
  }) == broker::Routed::received;
  rooms.trees.end_turn();
  return matched;
}

}  // namespace

TEST_CASE("the few subscriptions of a session are gone when it is") {
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  subscribe_to(rooms, session, "a", 20);
  CHECK(rooms.subscriptions.subscription_count() == 20);
  session.connection_lost(broker::Session::Departure::disconnected);
  CHECK(rooms.subscriptions.subscription_count() == 0);
  CHECK(rooms.work.idle());
  CHECK_FALSE(publish_to(rooms, "a/1"));
}

TEST_CASE("many subscriptions go in the turns after the end of their session") {
  constexpr int count = 20'000;
  Rooms rooms;
  Client client;
  Client witness;
  broker::Session& session = rooms.open("client", client);
  broker::Session& other = rooms.open("witness", witness);
  subscribe_to(rooms, session, "a", count);
  subscribe_to(rooms, other, "b", 1);
  session.connection_lost(broker::Session::Departure::disconnected);
  CHECK(rooms.sessions.size() == 1);

  std::size_t before = count + 1;
  int turns = 0;
  for (; !rooms.work.idle(); ++turns) {
    const std::size_t now = rooms.subscriptions.subscription_count();
    CHECK(before - now <= broker::SlicedWork::turn_steps / 10 + 1);
    before = now;
    REQUIRE(publish_to(rooms, "b/0"));
    rooms.end_turn();
  }
  CHECK(turns > 20);
  CHECK(witness.messages == turns);
  CHECK(rooms.subscriptions.subscription_count() == 1);
  CHECK(rooms.ended.size() == 0);
}

TEST_CASE("until they are gone deliveries for them are counted as dropped") {
  Rooms rooms;
  Client client;
  broker::Session& session = rooms.open("client", client);
  subscribe_to(rooms, session, "a", 20'000);
  session.connection_lost(broker::Session::Departure::disconnected);
  REQUIRE_FALSE(rooms.work.idle());
  CHECK(publish_to(rooms, "a/9999"));  // the last in order, still there
  CHECK(client.messages == 0);
  CHECK(rooms.metrics.total(broker::DropReason::session_ended) == 1);
  CHECK(rooms.metrics.unaccounted() == 0);
  rooms.turns_until_idle();
  CHECK_FALSE(publish_to(rooms, "a/9999"));
}

TEST_CASE("a member of a share group that is over takes no turn") {
  Rooms rooms;
  Client leaving;
  Client staying;
  broker::Session& first = rooms.open("leaving", leaving);
  broker::Session& second = rooms.open("staying", staying);
  subscribe_to(rooms, first, "$share/g", 20'000);
  subscribe_to(rooms, second, "$share/g", 10'000);
  first.connection_lost(broker::Session::Departure::disconnected);
  REQUIRE_FALSE(rooms.work.idle());
  for (int i = 0; i < 4; ++i) publish_to(rooms, "9999");
  CHECK(staying.messages == 4);
  CHECK(rooms.metrics.unaccounted() == 0);
}

TEST_CASE("a client that comes back at once meets nothing of its session before") {
  Rooms rooms;
  Client before;
  Client after;
  subscribe_to(rooms, rooms.open("client", before), "a", 20'000);
  broker::Session& session = rooms.open("client", after);  // Clean Start
  REQUIRE_FALSE(rooms.work.idle());
  subscribe_to(rooms, session, "a", 3);
  publish_to(rooms, "a/1");
  CHECK(after.messages == 1);
  CHECK(before.messages == 0);
  CHECK(rooms.subscriptions.subscription_count() == 3);
}

TEST_CASE("of many sessions that end in one turn no more is removed than of one") {
  Rooms rooms;
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<broker::SessionId> ids;
  for (int i = 0; i < 2000; ++i) {
    clients.push_back(std::make_unique<Client>());
    broker::Session& session = rooms.open("c" + std::to_string(i), *clients.back());
    subscribe_to(rooms, session, "c" + std::to_string(i), 3);
    ids.push_back(session.id());
  }
  REQUIRE(rooms.subscriptions.subscription_count() == 6000);
  for (const broker::SessionId& id : ids)
    rooms.sessions.find(id)->connection_lost(broker::Session::Departure::disconnected);
  CHECK(rooms.sessions.size() == 0);
  CHECK(rooms.subscriptions.subscription_count() >=
        6000 - (broker::SlicedWork::turn_steps / 10 + 1));
  rooms.turns_until_idle();
  CHECK(rooms.subscriptions.subscription_count() == 0);
}

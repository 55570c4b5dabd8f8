#include "net/listener_indexes.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using broker::ListenerConfig;
using broker::ListenerIndexes;
using Places = std::vector<std::uint16_t>;

namespace {

ListenerConfig listener(std::uint16_t port, std::uint32_t max_connections = 0) {
  ListenerConfig config;
  config.port = port;
  config.max_connections = max_connections;
  return config;
}

const std::vector<bool> nobody(8, false);

}  // namespace

TEST_CASE("At a start, listeners have the indexes of their order in the file") {
  const ListenerIndexes indexes({listener(1), listener(2)});
  CHECK(indexes.index(0) == 0);
  CHECK(indexes.index(1) == 1);
}

TEST_CASE("A listener keeps its index wherever it is in the file") {
  const ListenerIndexes indexes({listener(1), listener(2), listener(3)});
  const auto change = indexes.change_to({listener(3, 7), listener(1)}, nobody);
  REQUIRE(change);
  CHECK(change->opening.empty());
  CHECK(change->closing == Places{1});
  CHECK(change->next.index(0) == 2);
  CHECK(change->next.index(1) == 0);
  const auto& listeners = change->next.listeners();
  REQUIRE(listeners.size() == 3);
  CHECK(listeners[2].max_connections == 7);
  CHECK(listeners[1].gone);
  CHECK_FALSE(listeners[0].gone);
}

TEST_CASE("A new listener gets an index that nobody refers to") {
  const ListenerIndexes indexes({listener(1), listener(2)});
  const auto without = indexes.change_to({listener(1)}, nobody);
  REQUIRE(without);
  SECTION("that of one that is gone") {
    const auto change = without->next.change_to({listener(1), listener(3)}, nobody);
    REQUIRE(change);
    CHECK(change->opening == Places{1});
    CHECK(change->next.listeners().size() == 2);
    CHECK_FALSE(change->next.listeners()[1].gone);
  }
  SECTION("not one that is in use") {
    const auto change = without->next.change_to({listener(1), listener(3)}, {false, true});
    REQUIRE(change);
    CHECK(change->opening == Places{2});
    CHECK(change->next.listeners()[1].gone);
    CHECK(change->next.listeners()[1].port == 2);
  }
  SECTION("not one that is given to another") {
    const auto change = without->next.change_to({listener(1), listener(3), listener(4)}, nobody);
    REQUIRE(change);
    CHECK(change->opening == Places{1, 2});
  }
  SECTION("not that of one which goes at the same time") {
    const auto change = indexes.change_to({listener(3)}, nobody);
    REQUIRE(change);
    CHECK(change->opening == Places{2});
    CHECK(change->closing == Places{0, 1});
  }
}

TEST_CASE("A listener that is opened anew has another index, and is the heir of the old one") {
  const ListenerIndexes indexes({listener(1), listener(2)});
  ListenerConfig other = listener(1);
  other.protocol = broker::ListenerProtocol::websockets;
  const auto change = indexes.change_to({other, listener(2)}, nobody);
  REQUIRE(change);
  CHECK(change->opening == Places{2});
  CHECK(change->closing == Places{0});
  CHECK(change->heirs == Places{2, 1, 2});
  SECTION("also when it comes back later") {
    const auto without = change->next.change_to({listener(2)}, {true, true, true});
    REQUIRE(without);
    CHECK(without->heirs == Places{0, 1, 2});
    const auto back = without->next.change_to({listener(2), listener(1)}, {true, true, true});
    REQUIRE(back);
    CHECK(back->opening == Places{3});
    CHECK(back->heirs == Places{3, 1, 3, 3});
  }
}

TEST_CASE("Places do not grow with the number of reloads") {
  ListenerIndexes indexes({listener(1), listener(2)});
  for (std::uint16_t i = 0; i < 1000; ++i) {
    indexes = indexes
                  .change_to({listener(1), listener(static_cast<std::uint16_t>(100 + i))},
                             std::vector<bool>(indexes.listeners().size(), false))
                  ->next;
  }
  CHECK(indexes.listeners().size() == 3);
}

TEST_CASE("At most 65536 listeners have an index") {
  std::vector<ListenerConfig> all;
  for (std::size_t i = 0; i < ListenerIndexes::most; ++i) {
    all.push_back(listener(static_cast<std::uint16_t>(i)));
  }
  const ListenerIndexes indexes(all);
  CHECK(indexes.change_to(all, std::vector<bool>(all.size())));
  all.back().host = "localhost";
  CHECK_FALSE(indexes.change_to(all, std::vector<bool>(all.size())));
}

#include "routing/retained_tree.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "broker/routing/naive_topics.h"
#include "mqtt/protocol/bytes.h"

using namespace broker;

namespace {

using Topics = std::vector<std::string>;

MessagePtr message(std::string_view topic, std::string_view payload, Millis expires_at = never) {
  MessageView view{.topic = naive::topic_of(topic),
                   .payload = mqtt::as_bytes(payload),
                   .properties = {},
                   .publisher = {}};
  view.retain = true;
  view.expires_at = expires_at;
  return Message::create(view);
}

/// The topics that a replay gives, asked for `limit` at a time.
Topics replay(const RetainedTree& tree, std::string_view filter, std::size_t limit = 64,
              Millis now = 0) {
  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> messages;
  while (!cursor.done) {
    const std::size_t before = messages.size();
    tree.collect(filter, cursor, limit, now, messages);
    REQUIRE(messages.size() <= before + limit);
  }
  Topics topics;
  for (const MessagePtr& each : messages) topics.emplace_back(each->topic().text());
  return topics;
}

}  // namespace

// [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7]
TEST_CASE("A retained message is replaced by the next one, and removed by an empty one") {
  RetainedTree tree;
  tree.store(message("a", "first"));
  tree.store(message("a", "second!"));
  tree.store(message("b", "other"));
  CHECK(tree.count() == 2);
  CHECK(tree.payload_bytes() == 12);

  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> found;
  tree.collect("a", cursor, 10, 0, found);
  REQUIRE(found.size() == 1);
  CHECK(mqtt::as_text(found[0]->payload()) == "second!");

  tree.store(message("a", ""));
  tree.store(message("never stored", ""));
  CHECK(replay(tree, "#") == Topics{"b"});
  CHECK(tree.count() == 1);
  CHECK(tree.payload_bytes() == 5);
  CHECK(mqtt::as_text(found[0]->payload()) == "second!");
}

// [MQTT-4.7.2-1]
TEST_CASE(
    "A replay for a mounted client leaves out what begins with a dollar sign below its mount") {
  RetainedTree tree;
  for (const auto* topic : {"home/a", "home/$SYS/x", "home/$x", "home", "home/b/$c", "homes/$x",
                            "home/%/a", "$SYS/x"}) {
    tree.store(message(topic, "1"));
  }
  const auto mounted = [&tree](std::string_view filter, std::uint16_t mount_point_size,
                               std::size_t looks) {
    RetainedTree::Cursor cursor;
    cursor.mount_point_size = mount_point_size;
    std::vector<MessagePtr> messages;
    while (!cursor.done) tree.collect(filter, cursor, 1, 0, messages, looks);
    Topics topics;
    for (const MessagePtr& each : messages) topics.emplace_back(each->topic().text());
    return topics;
  };
  const std::size_t looks = GENERATE(1U, 2U, 100U);
  CHECK(mounted("home/#", 5, looks) == Topics{"home", "home/%/a", "home/a", "home/b/$c"});
  CHECK(mounted("home/+/+", 5, looks) == Topics{"home/%/a", "home/b/$c"});
  CHECK(mounted("home/+", 5, looks) == Topics{"home/a"});
  CHECK(mounted("home/$SYS/+", 5, looks) == Topics{"home/$SYS/x"});
  CHECK(mounted("home/+", 0, looks) == Topics{"home/$x", "home/a"});
}

TEST_CASE("A search says how much it has looked at, and looks at no more than it may") {
  RetainedTree tree;
  for (int i = 0; i < 100; ++i) tree.store(message("t/" + std::to_string(i) + "/a", "1"));
  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> messages;
  int calls = 0;
  for (; !cursor.done; ++calls) CHECK(tree.collect("+/+/b", cursor, 64, 0, messages, 10) <= 10);
  CHECK(calls >= 10);
  CHECK(messages.empty());
  CHECK(tree.contains("t/1/a"));
  CHECK_FALSE(tree.contains("t/1"));
}

TEST_CASE("A replay gives what matches, in the order of topics") {
  RetainedTree tree;
  for (const auto* topic : {"a/y/c", "a/x/b", "a/x/c", "a!/c", "a/x!/c", "a/y/c/d", "b/c", "a",
                            "a/c!/d", "a/c/d", "$SYS/c", "/finance", "/", "a/", "a//c"}) {
    tree.store(message(topic, "1"));
  }
  CHECK(replay(tree, "a/x/c") == Topics{"a/x/c"});
  CHECK(replay(tree, "a/x/d").empty());
  CHECK(replay(tree, "a/+/c") == Topics{"a//c", "a/x!/c", "a/x/c", "a/y/c"});
  CHECK(replay(tree, "a/+/c/#") == Topics{"a//c", "a/x!/c", "a/x/c", "a/y/c", "a/y/c/d"});
  CHECK(replay(tree, "a/c/#") == Topics{"a/c/d"});
  CHECK(replay(tree, "+") == Topics{"a"});

  SECTION("a number sign takes the level above it along") {
    CHECK(replay(tree, "a/#") == Topics{"a", "a/", "a//c", "a/c!/d", "a/c/d", "a/x!/c", "a/x/b",
                                        "a/x/c", "a/y/c", "a/y/c/d"});
  }
  SECTION("empty levels are levels") {
    CHECK(replay(tree, "+/+") == Topics{"/", "/finance", "a!/c", "a/", "b/c"});
    CHECK(replay(tree, "/+") == Topics{"/", "/finance"});
    CHECK(replay(tree, "/#") == Topics{"/", "/finance"});
    CHECK(replay(tree, "a/+/+") ==
          Topics{"a//c", "a/c!/d", "a/c/d", "a/x!/c", "a/x/b", "a/x/c", "a/y/c"});
  }
  // [MQTT-4.7.2-1]
  SECTION("wildcards at the first level do not reach topics that begin with a dollar sign") {
    CHECK(replay(tree, "+/c") == Topics{"a!/c", "b/c"});
    CHECK(replay(tree, "$SYS/#") == Topics{"$SYS/c"});
    CHECK(replay(tree, "$SYS/+") == Topics{"$SYS/c"});
    const Topics all = replay(tree, "#");
    CHECK(all.size() == 14);
    CHECK(std::ranges::find(all, "$SYS/c") == all.end());
  }
}

TEST_CASE("201 levels are replayed") {
  std::string topic = "l";
  std::string filter = "+";
  for (int i = 0; i < 200; ++i) {
    topic += "/l";
    filter += "/+";
  }
  RetainedTree tree;
  tree.store(message(topic, "1"));
  CHECK(replay(tree, filter) == Topics{topic});
  CHECK(replay(tree, topic) == Topics{topic});
  CHECK(replay(tree, filter.substr(0, filter.size() - 1) + "#") == Topics{topic});
  CHECK(replay(tree, filter.substr(2)).empty());
}

TEST_CASE("A replay goes on where it stopped, whatever was stored and removed meanwhile") {
  RetainedTree tree;
  for (const auto* topic : {"b", "d", "f", "h"}) tree.store(message(topic, "1"));
  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> out;
  tree.collect("#", cursor, 2, 0, out);
  CHECK_FALSE(cursor.done);
  tree.store(message("a", "1"));  // before the cursor: comes too late
  tree.store(message("e", "1"));  // behind it
  tree.store(message("d", ""));   // where it stands
  tree.store(message("f", ""));
  tree.collect("#", cursor, 10, 0, out);
  CHECK(cursor.done);
  Topics topics;
  for (const MessagePtr& each : out) topics.emplace_back(each->topic().text());
  CHECK(topics == Topics{"b", "d", "e", "h"});

  SECTION("a replay that is done gives nothing more") {
    tree.store(message("z", "1"));
    tree.collect("#", cursor, 10, 0, out);
    CHECK(out.size() == 4);
  }
}

TEST_CASE("A replay with a newest message leaves out what was stored after it") {
  RetainedTree tree;
  for (const auto* topic : {"a", "b"}) tree.store(message(topic, "1"));
  RetainedTree::Cursor cursor;
  cursor.newest = tree.newest();
  tree.store(message("b", "2"));
  tree.store(message("c", "1"));
  std::vector<MessagePtr> out;

  SECTION("with a wildcard") {
    tree.collect("#", cursor, 10, 0, out);
  }
  SECTION("without") {
    RetainedTree::Cursor replaced = cursor;
    tree.collect("b", replaced, 10, 0, out);
    CHECK(out.empty());
    tree.collect("a", cursor, 10, 0, out);
  }
  CHECK(cursor.done);
  REQUIRE(out.size() == 1);
  CHECK(out.front()->topic().text() == "a");
}

TEST_CASE("A replay is done as soon as it can know, and never gives more than it was asked for") {
  RetainedTree tree;
  for (const auto* topic : {"a/1", "a/2", "b"}) tree.store(message(topic, "1"));
  std::vector<MessagePtr> out;

  RetainedTree::Cursor all;
  tree.collect("#", all, 3, 0, out);
  CHECK(all.done);

  RetainedTree::Cursor none;
  out.clear();
  tree.collect("#", none, 0, 0, out);
  CHECK(out.empty());
  CHECK_FALSE(none.done);
  tree.collect("#", none, 3, 0, out);
  CHECK(out.size() == 3);
}

TEST_CASE("A filter that matches next to nothing does not look at everything in one go") {
  RetainedTree tree;
  constexpr std::size_t topics = 5 * RetainedTree::longest_look;
  for (std::size_t i = 0; i < topics; ++i) tree.store(message(std::to_string(i) + "/a", "1"));
  tree.store(message("z/b", "1"));
  RetainedTree::Cursor cursor;
  std::vector<MessagePtr> out;
  std::size_t rounds = 0;
  while (!cursor.done) {
    tree.collect("+/b", cursor, 64, 0, out);
    ++rounds;
  }
  CHECK(rounds > 1);
  REQUIRE(out.size() == 1);
  CHECK(out[0]->topic().text() == "z/b");
}

TEST_CASE("What has expired is not replayed, and is removed when it is asked to be") {
  RetainedTree tree;
  tree.store(message("soon", "1", 1000));
  tree.store(message("later", "22", 2000));
  tree.store(message("never", "333"));

  CHECK(replay(tree, "#", 64, 999) == Topics{"later", "never", "soon"});
  CHECK(replay(tree, "#", 64, 1000) == Topics{"later", "never"});
  CHECK(replay(tree, "soon", 64, 1000).empty());
  CHECK(replay(tree, "#", 1, 2000) == Topics{"never"});

  CHECK(tree.purge_expired(999) == 0);
  CHECK(tree.purge_expired(1000) == 1);
  CHECK(tree.count() == 2);
  CHECK(tree.payload_bytes() == 5);

  SECTION("a message that was replaced does not take the new one with it") {
    tree.store(message("later", "4444"));
    CHECK(tree.purge_expired(5000) == 0);
    CHECK(tree.count() == 2);
  }
  SECTION("a message that was removed is not looked for any more") {
    tree.store(message("later", ""));
    CHECK(tree.purge_expired(5000) == 0);
    CHECK(tree.count() == 1);
  }
  SECTION("at most as many as asked for go, the earliest first") {
    for (int i = 0; i < 200; ++i) tree.store(message("e/" + std::to_string(i), "1", 3000 + i));
    CHECK(tree.purge_expired(10'000, 101) == 101);
    CHECK(replay(tree, "later").empty());
    CHECK(replay(tree, "e/99").empty());
    CHECK(replay(tree, "e/100").size() == 1);
    CHECK(tree.purge_expired(10'000) == 100);
    CHECK(tree.count() == 1);
  }
}

TEST_CASE("Whatever was stored, a replay gives what a search from end to end would") {
  const auto seed = GENERATE(take(8, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  naive::RandomTopics topics(random);
  RetainedTree tree;
  struct Kept {
    std::string payload;
    Millis expires_at;
  };
  std::map<std::string, Kept> model;
  Millis now = 0;

  for (int step = 0; step < 800; ++step) {
    const std::string topic = topics.topic();
    const bool grows = (step / 200) % 2 == 0;
    if (topics.one_in(grows ? 5 : 2)) {
      tree.store(message(topic, ""));
      model.erase(topic);
    } else {
      const Kept kept{std::to_string(step),
                      topics.one_in(3) ? now + 1 + static_cast<Millis>(topics.below(100)) : never};
      tree.store(message(topic, kept.payload, kept.expires_at));
      model[topic] = kept;
    }
    if (topics.one_in(10)) now += 10;
    if (topics.one_in(30)) {
      const std::size_t gone =
          std::erase_if(model, [now](const auto& each) { return each.second.expires_at <= now; });
      REQUIRE(tree.purge_expired(now) == gone);
    }

    const std::string filter = topics.one_in(4) ? topic : topics.filter();
    INFO("step " << step << ", filter " << filter);
    Topics expected;
    for (const auto& [name, kept] : model) {
      if (kept.expires_at > now && naive::matches(filter, name)) expected.push_back(name);
    }
    REQUIRE(replay(tree, filter, 1 + topics.below(5), now) == expected);
    REQUIRE(tree.count() == model.size());
  }
  std::size_t bytes = 0;
  for (const auto& [name, kept] : model) bytes += kept.payload.size();
  CHECK(tree.payload_bytes() == bytes);
}

TEST_CASE("A replay amid changes gives every topic that stays once, and none twice") {
  const auto seed = GENERATE(take(10, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  naive::RandomTopics topics(random);
  RetainedTree tree;
  std::set<std::string> stay;
  for (int i = 0; i < 150; ++i) stay.insert(topics.topic());
  for (const std::string& topic : stay) tree.store(message(topic, "stays"));

  for (int round = 0; round < 30; ++round) {
    const std::string filter = topics.filter();
    INFO("filter " << filter);
    RetainedTree::Cursor cursor;
    std::vector<MessagePtr> out;
    while (!cursor.done) {
      tree.collect(filter, cursor, 1 + topics.below(3), 0, out);
      const std::string other = topics.topic();
      if (!stay.contains(other)) tree.store(message(other, topics.one_in(2) ? "" : "goes"));
    }
    std::map<std::string, int> seen;
    for (const MessagePtr& each : out) ++seen[std::string(each->topic().text())];
    for (const auto& [topic, times] : seen) {
      REQUIRE(times == 1);
      REQUIRE(naive::matches(filter, topic));
    }
    for (const std::string& topic : stay) {
      if (naive::matches(filter, topic)) REQUIRE(seen.contains(topic));
    }
  }
}

TEST_CASE("Publishers and replays on several threads do not disturb each other") {
  RetainedTree tree;
  constexpr int topics = 200;
  for (int i = 0; i < topics; ++i) tree.store(message("stays/" + std::to_string(i), "1"));
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (int publisher = 0; publisher < 2; ++publisher) {
    threads.emplace_back([&tree, publisher] {
      for (int i = 0; i < 2000; ++i) {
        const std::string topic =
            "goes/" + std::to_string(publisher) + "/" + std::to_string(i % 50);
        tree.store(message(topic, i % 3 == 0 ? "" : "1", i % 3 == 1 ? 100 : never));
        tree.store(message("stays/" + std::to_string(i % topics), "2"));
        if (i % 100 == 0) tree.purge_expired(100);
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&tree, &wrong] {
      for (int i = 0; i < 100; ++i) {
        RetainedTree::Cursor cursor;
        std::vector<MessagePtr> out;
        while (!cursor.done) tree.collect("stays/+", cursor, 16, 0, out);
        if (out.size() != topics) wrong = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(wrong);
}

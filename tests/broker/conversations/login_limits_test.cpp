/// What clients may hold, and for how long, before they are let in.

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "broker/storm/crowd.h"
#include "support/broker_fixture.h"
#include "support/socket_client.h"

using namespace test;
using broker::Count;
using mqtt::ReasonCode;
using std::chrono::seconds;

namespace {

/// Keeps everyone waiting who has a user name, and knows how many those are.
class Undecided final : public broker::Authenticator {
 public:
  explicit Undecided(std::shared_ptr<std::atomic<int>> waiting) : waiting_(std::move(waiting)) {}

  std::unique_ptr<Request> authenticate(const broker::Credentials& credentials,
                                        Answer answer) override {
    if (credentials.user_name) return std::make_unique<Waiting>(*waiting_);
    answer(ReasonCode::success);
    return nullptr;
  }

 private:
  struct Waiting final : Request {
    explicit Waiting(std::atomic<int>& count) : count_(count) { ++count_; }
    ~Waiting() override { --count_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    std::atomic<int>& count_;
  };
  std::shared_ptr<std::atomic<int>> waiting_;
};

struct UndecidedBroker {
  std::shared_ptr<std::atomic<int>> waiting = std::make_shared<std::atomic<int>>(0);
  BrokerFixture broker;

  explicit UndecidedBroker(unsigned workers, const std::string& config = {})
      : broker(workers, config, parts()) {}

  broker::Broker::Parts parts() const {
    broker::Broker::Parts parts;
    parts.authenticator = std::make_unique<Undecided>(waiting);
    return parts;
  }
};

constexpr const char* one_mebibyte = "max_unauthenticated_bytes 1048576\n";
constexpr std::size_t large = 60'000;

std::int64_t total(BrokerFixture& broker, Count what) {
  return broker->metrics().total(what);
}

ConnectBuilder with_large_password(const std::string& id) {
  return connect(id.c_str()).v5().user("bob").password(std::string(large, 'x').c_str());
}

/// The beginning of a CONNECT of 99 000 bytes.
Bytes large_beginning() {
  Bytes bytes = hex("10 B8 85 06 0004 'MQTT' 04 82 003C");
  bytes.resize(large, 0);
  return bytes;
}

}  // namespace

TEST_CASE("a client that waits for its login is not forgotten, nor held for ever") {
  UndecidedBroker of(GENERATE(1U, 4U));
  Peer patient = of.broker.peer();
  patient.send(connect("a").v5().user("bob").password("x"));
  Peer old = of.broker.peer();
  old.send(connect("b").user("bob").password("x"));
  CHECK(eventually([&] { return *of.waiting == 2; }));
  of.broker.advance(seconds(100));
  CHECK(*of.waiting == 2);
  of.broker.advance(seconds(21));
  patient.expect(connack(0x89));
  patient.expect_closed();
  old.expect("20 02 00 03");
  old.expect_closed();
  CHECK(*of.waiting == 0);
}

TEST_CASE("a client that leaves while its login is judged is noticed") {
  UndecidedBroker of(GENERATE(1U, 4U));
  Peer peer = of.broker.peer();
  peer.send(connect("a").user("bob").password("x"));
  CHECK(eventually([&] { return *of.waiting == 1; }));
  peer.close();
  CHECK(eventually([&] { return *of.waiting == 0; }));
  CHECK(eventually([&] { return total(of.broker, Count::sockets) == 0; }));
}

TEST_CASE("CONNECTs that wait with large passwords hold no more than they may, together") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int count = 40;
  UndecidedBroker of(workers, one_mebibyte);
  std::vector<SocketClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(of.broker.port());
    clients.back().send(with_large_password("a" + std::to_string(i)));
  }
  // Half of the mebibyte is for those that send much: eight of them.
  const auto refused = [&] { return total(of.broker, Count::unauthenticated_refused); };
  CHECK(eventually([&] { return refused() + *of.waiting == count; }));
  CHECK(refused() >= count - 8);
  CHECK(*of.waiting >= 4);
  // Is told 0x89 if its CONNECT is read in one piece, and closed before it is whole otherwise.
  const std::int64_t refused_before = refused();
  SocketClient another(of.broker.port());
  another.send(with_large_password("another"));
  CHECK(eventually([&] { return refused() == refused_before + 1; }));
  SECTION("who sends little still gets in") {
    of.broker.peer().open(connect("small"));
  }
  SECTION("and when they are gone, who sends much does, too") {
    clients.clear();
    CHECK(eventually([&] { return *of.waiting == 0; }));
    const std::int64_t before = refused();
    SocketClient again(of.broker.port());
    again.send(with_large_password("again"));
    CHECK(eventually([&] { return *of.waiting == 1; }));
    CHECK(refused() == before);
  }
}

TEST_CASE("CONNECTs that never come to their end hold no more than they may, together") {
  const unsigned workers = GENERATE(1U, 4U);
  constexpr int count = 40;
  BrokerFixture broker(workers, one_mebibyte);
  std::vector<SocketClient> clients;
  const Bytes beginning = large_beginning();
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(broker.port());
    clients.back().send(mqtt::ByteView(beginning));
  }
  const auto refused = [&] { return total(broker, Count::unauthenticated_refused); };
  CHECK(eventually([&] { return refused() >= count - 8; }));
  broker.peer().open(connect("small"));
  clients.clear();
  CHECK(eventually([&] { return total(broker, Count::sockets) <= 1; }));
  SocketClient again(broker.port());
  CHECK(again.open(connect("again").will("t", std::string(large, 'w').c_str())));
}

TEST_CASE("connections that have said nothing count, and new ones wait until there is room") {
  const unsigned workers = GENERATE(1U, 4U);
  // Each may hold half a request of 4096 bytes.
  BrokerFixture broker(workers, "protocol websockets\nlistener 1884 127.0.0.1\n", {},
                       std::string(one_mebibyte));
  constexpr std::int64_t room = 64;
  std::vector<SocketClient> silent;
  for (std::int64_t i = 0; i < room; ++i) silent.emplace_back(broker.port());
  const auto open = [&] { return total(broker, Count::sockets); };
  CHECK(eventually([&] { return open() > 55; }));
  SocketClient late(broker.port(1));
  late.send(connect("late"));
  CHECK(open() < room);
  CHECK(total(broker, Count::sessions) == 0);
  SECTION("made by those who leave") {
    silent.erase(silent.begin(), silent.begin() + 16);
  }
  SECTION("made by time: who comes when it is scarce has five seconds") {
    broker.advance(seconds(6));
  }
  CHECK(late.receive().as<mqtt::Connack>() != nullptr);
}

TEST_CASE("a reload changes how much may be held") {
  UndecidedBroker of(1, one_mebibyte);
  of.broker.reconfigure("max_unauthenticated_bytes 100000000\n");
  std::vector<SocketClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(of.broker.port());
    clients.back().send(with_large_password("a" + std::to_string(i)));
  }
  CHECK(eventually([&] { return *of.waiting == 30; }));
  CHECK(total(of.broker, Count::unauthenticated_refused) == 0);
}

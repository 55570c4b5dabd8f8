// A broker of one worker and three clients over streams in memory: what the clients send, in which
// pieces, when they leave and come back, and when time passes is the input. Each step is a byte:
// the client in its lower two bits, what it does in the others.
//
// Whatever the steps: the broker answers with valid packets only; every delivery is accounted for;
// and when all clients are gone, so are their connections.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "metrics/metrics.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"
#include "net/connection_table.h"
#include "net/opening/client_opening.h"
#include "routing/router.h"
#include "session/dispatcher.h"
#include "session/session_table.h"
#include "support/manual_clock.h"
#include "support/memory_stream.h"

namespace {

using mqtt::ByteView;
using mqtt::ProtocolVersion;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

struct Everyone final : broker::Authenticator {
  std::unique_ptr<Request> authenticate(const broker::Credentials&, Answer answer) override {
    answer(mqtt::ReasonCode::success);
    return nullptr;
  }
};

struct EndOfReading final : broker::TurnEndTask {
  explicit EndOfReading(broker::TurnAccess& access) : trees(access) {}
  void on_turn_end() override { trees.end_turn(); }
  broker::TurnAccess& trees;
};

/// The rooms of a broker of one worker, with small limits, which are easily reached.
struct Rooms {
  Rooms() {
    // Lines are made, and go nowhere.
    broker::LogSettings quiet;
    quiet.types = broker::LogTypes::all();
    quiet.to_stderr = false;
    log.configure(quiet);
    dispatcher.connect({&dispatcher});
    dispatcher.when_others_have_room([this] { input.release(); });
    connections.connect({&connections});
    worker.add_turn_end_task(input);
    worker.add_turn_end_task(work);
    worker.add_turn_end_task(dispatcher.fan_outs());
    worker.add_turn_end_task(sessions.hand_over());
    worker.add_turn_end_task(dispatcher);
    worker.add_turn_end_task(connections);
    worker.add_turn_end_task(dispatcher);
    worker.add_turn_end_task(end_of_reading);
  }

  static std::shared_ptr<const broker::Config> make_config() {
    broker::Config config;
    config.listeners.emplace_back();
    config.local_only = true;
    config.limits.max_queued_messages = 5;
    config.limits.max_inflight_messages = 3;
    config.limits.max_packet_size_bytes = 2000;
    config.limits.max_subscriptions_per_client = 20;
    return std::make_shared<const broker::Config>(std::move(config));
  }
  void turn() { worker.loop().run_once(false); }
  void pass(std::int64_t seconds) {
    clock.advance(std::chrono::seconds(seconds));
    worker.timers().advance(clock.now_ms());
  }

  test::ManualClock clock;
  broker::Worker worker{0, clock};
  broker::Log log;
  broker::Metrics metrics{1};
  broker::TurnLock lock{1};
  broker::TurnAccess trees{lock, 0};
  broker::SubscriptionTree subscriptions;
  broker::RetainedTree retained;
  broker::RetainedOrder order{1};
  broker::ClientDirectory directory;
  broker::AccessControl access;
  broker::SlicedWork work{worker};
  broker::EndedSubscriptions ended{work, trees, subscriptions};
  broker::WorkerContext here{worker, log, metrics.of_worker(0), make_config()};
  broker::SessionContext sessions_context{here,   trees, subscriptions, retained,   directory,
                                          access, work,  ended,         dispatcher, sessions};
  broker::SessionTable sessions{sessions_context};
  broker::Router router{subscriptions, trees, worker};
  broker::Dispatcher dispatcher{sessions_context, router, order};
  broker::OutputPool pool{worker};
  broker::InputQueue input{worker};
  Everyone everyone;
  broker::AuthenticationMethods methods;
  broker::Admission admission{1};
  broker::OpeningBudget budget{1 << 20};
  broker::ConnectionContext context{sessions_context,
                                    connections,
                                    pool,
                                    input,
                                    everyone,
                                    methods,
                                    admission,
                                    budget,
                                    &broker::ClientOpening::make,
                                    broker::client_gate};
  broker::ConnectionTable connections{context};
  EndOfReading end_of_reading{trees};
};

/// One client: sends what it is told, and reads what comes, which has to be packets.
class Client final : public mqtt::io::StreamHandler {
 public:
  explicit Client(Rooms& rooms) : rooms_(rooms) { connect(); }

  void connect() {
    stream_.reset();
    reader_ = std::make_unique<mqtt::FrameReader>(1 << 20);
    auto [ours, theirs] = mqtt::io::test::MemoryStream::pair(rooms_.worker.loop());
    stream_ = std::move(ours);
    stream_->set_handler(this);
    stream_->start();
    constexpr std::uint32_t held = 1024;
    rooms_.admission.enter(0, 0, 0);
    rooms_.budget.add(held);
    rooms_.connections.add(std::move(theirs), 0)
        .start({.counted_bytes = held, .read = {}, .claimed_id = {}});
    rooms_.turn();
  }
  void send(ByteView bytes) {
    if (stream_) stream_->write(bytes);
  }
  void send(const mqtt::Packet& packet) {
    if (const auto* connect = std::get_if<mqtt::Connect>(&packet)) version_ = connect->version;
    send(ByteView(mqtt::encoded(packet, version_)));
  }
  void end() {
    if (stream_) stream_->finish();
  }
  void drop() { stream_.reset(); }

 private:
  void on_data(ByteView bytes) override {
    reader_->feed(bytes);
    while (true) {
      const mqtt::FrameResult result = reader_->next();
      require(result.status != mqtt::FrameStatus::malformed, "the broker sends whole packets");
      if (result.status == mqtt::FrameStatus::need_more) break;
      const unsigned type = result.frame.type_number();
      require(type >= 2 && type != 8 && type != 10 && type != 12, "of types that a server sends");
    }
    reader_->keep_unread();
  }
  void on_writable() override {}
  void on_end(const mqtt::io::StreamEnd&) override {}

  Rooms& rooms_;
  mqtt::io::StreamPtr stream_;
  std::unique_ptr<mqtt::FrameReader> reader_;
  ProtocolVersion version_ = ProtocolVersion::v311;
};

/// Packets that lead somewhere, by number. Their texts are literals, or `expiry`.
mqtt::Packet packet(unsigned number, unsigned client, const mqtt::PropertyList& expiry) {
  constexpr std::array<std::string_view, 3> ids = {"0", "1", "2"};
  constexpr std::array<std::string_view, 4> topics = {"a/b", "a/c", "b/b", "$x/b"};
  const std::string_view topic = topics[number / 16 % 4];
  const auto next = static_cast<std::uint16_t>(1 + number / 16 % 8);
  const auto qos = static_cast<mqtt::QoS>(next % 3);
  const ByteView payload = mqtt::as_bytes("payload");
  const auto filters = [&](std::string_view first, std::string_view second) {
    mqtt::Subscribe subscribe{next, {}, {}};
    for (const std::string_view filter : {first, second})
      subscribe.subscriptions.push_back({filter, {qos, false, next > 4, {}}});
    return subscribe;
  };
  const auto connect = [&](ProtocolVersion version, bool clean) {
    mqtt::Connect packet;
    packet.version = version;
    packet.clean_start = clean;
    packet.client_id = ids[client];
    if (version == ProtocolVersion::v5) packet.properties = expiry;
    return packet;
  };
  const auto publish = [&](mqtt::QoS at) {
    mqtt::Publish packet;
    packet.qos = at;
    packet.topic = topic;
    packet.packet_id = at == mqtt::QoS::at_most_once ? std::uint16_t{0} : next;
    packet.payload = payload;
    return packet;
  };
  switch (number % 16) {
    case 0:
      return connect(ProtocolVersion::v311, true);
    case 1:
      return connect(ProtocolVersion::v311, false);
    case 2:
      return connect(ProtocolVersion::v5, next > 4);
    case 3: {
      mqtt::Connect packet = connect(ProtocolVersion::v5, true);
      packet.client_id = "0";  // takes client 0 over
      packet.will = mqtt::Will{"a/will", payload, qos, next > 4, {}};
      return packet;
    }
    case 4:
      return filters("a/#", "+/b");
    case 5:
      return filters("$share/g/a/+", "#");
    case 6:
      return mqtt::Unsubscribe{next, {}, {"a/#", "$share/g/a/+"}};
    case 7:
      return publish(mqtt::QoS::at_most_once);
    case 8:
      return publish(mqtt::QoS::at_least_once);
    case 9:
      return publish(mqtt::QoS::exactly_once);
    case 10:
      return mqtt::Pubrel{next, {}, {}};
    case 11:
      return mqtt::Puback{next, {}, {}};
    case 12:
      return mqtt::Pubrec{next, {}, {}};
    case 13:
      return mqtt::Pubcomp{next, {}, {}};
    case 14: {
      mqtt::Publish packet = publish(mqtt::QoS::at_least_once);
      packet.retain = true;
      if (next <= 4) packet.payload = {};
      return packet;
    }
    default:
      return mqtt::Disconnect{};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> input(data, size);
  const auto take = [&input]() -> std::uint8_t {
    if (input.empty()) return 0;
    const std::uint8_t first = input.front();
    input = input.subspan(1);
    return first;
  };
  mqtt::PropertyList expiry;
  expiry.add(mqtt::PropertyId::session_expiry_interval, 100);
  auto rooms = std::make_unique<Rooms>();
  std::array<std::unique_ptr<Client>, 3> clients;
  for (auto& client : clients) client = std::make_unique<Client>(*rooms);
  while (!input.empty()) {
    const unsigned step = take();
    const unsigned index = step % 4 % clients.size();
    Client& client = *clients[index];
    switch (step / 4 % 8) {
      case 0:
      case 1:
      case 2:
        client.send(packet(take(), index, expiry));
        break;
      case 3: {
        const std::size_t count = std::min<std::size_t>(take(), input.size());
        client.send(input.first(count));
        input = input.subspan(count);
        break;
      }
      case 4:
        client.connect();
        break;
      case 5:
        step >= 128 ? client.end() : client.drop();
        break;
      case 6:
        rooms->pass(take());
        break;
      default:
        rooms->turn();
    }
    if (step >= 64) rooms->turn();
  }
  for (auto& client : clients) client.reset();
  for (int i = 0; i < 200; ++i) rooms->turn();
  rooms->pass(60);
  for (int i = 0; i < 200; ++i) rooms->turn();
  require(rooms->connections.size() == 0, "connections end with their clients");
  require(rooms->metrics.total(broker::Count::sockets) == 0, "and are not counted any more");
  require(rooms->metrics.unaccounted() == 0, "every delivery is accounted for");
  return 0;
}

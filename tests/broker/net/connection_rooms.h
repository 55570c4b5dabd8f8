#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/session/rooms.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"
#include "net/connection_table.h"
#include "net/opening/client_opening.h"
#include "support/memory_stream.h"
#include "support/shown_packets.h"

namespace test {

/// Lets everyone in who does not say "wrong".
struct EveryUser : broker::Authenticator {
  std::unique_ptr<Request> authenticate(const broker::Credentials& credentials,
                                        Answer answer) override {
    answer(credentials.password == "wrong" ? mqtt::ReasonCode::not_authorized
                                           : mqtt::ReasonCode::success);
    return nullptr;
  }
};

/// A worker with connections, whose streams are memory.
struct ConnectionRooms : Rooms {
  explicit ConnectionRooms(const broker::Config& config = {}, bool with_journal = false)
      : Rooms(config, with_journal) {
    broker::LogSettings quiet;
    quiet.to_stderr = false;
    log.configure(quiet);
    connections.connect({&connections});
    worker.add_turn_end_task(input);
    worker.add_turn_end_task(work);
    worker.add_turn_end_task(dispatcher);
    worker.add_turn_end_task(connections);
  }
  /// For connections of another kind, which are kept in `table`.
  broker::ConnectionContext connection_context(broker::ConnectionTable& table,
                                               broker::MakeOpening opening,
                                               const broker::PacketGate& gate) {
    return {context, table, pool, input, everyone, methods, admission, budget, opening, gate};
  }
  /// Until nothing is left to do.
  void turn() {
    for (int i = 0; i < 8; ++i) worker.loop().run_once(false);
    trees.end_turn();
  }

  broker::OutputPool pool{worker};
  broker::InputQueue input{worker};
  EveryUser everyone;
  broker::AuthenticationMethods methods;
  broker::Admission admission{1};
  broker::OpeningBudget budget{1U << 20U};
  broker::ConnectionContext clients =
      connection_context(connections, &broker::ClientOpening::make, broker::client_gate);
  broker::ConnectionTable connections{clients};
};

/// The program at the other end of a connection, which speaks MQTT 5.0: sends packets, and writes down what it received, as
/// packet_text has it.
class FarEnd final : private mqtt::io::StreamHandler {
 public:
  explicit FarEnd(ConnectionRooms& rooms) : FarEnd(rooms, rooms.connections) {}
  /// `table`: keeps connections of the kind that is wanted.
  FarEnd(ConnectionRooms& rooms, broker::ConnectionTable& table) : rooms_(rooms) {
    auto [ours, theirs] = mqtt::io::test::MemoryStream::pair(rooms.worker.loop());
    stream_ = std::move(ours);
    stream_->set_handler(this);
    stream_->start();
    rooms.admission.enter(0, 0, 0);
    table.add(std::move(theirs), 0).start({});
    rooms.turn();
  }

  void send(const mqtt::Packet& packet) {
    const std::vector<std::uint8_t> bytes = mqtt::encoded(packet, version_);
    stream_->write(mqtt::ByteView(bytes));
    rooms_.turn();
  }
  void leave() {
    stream_.reset();
    rooms_.turn();
  }
  /// What came since the last call: a packet in each line, "end" for the end.
  std::string heard() {
    rooms_.turn();
    return std::exchange(heard_, {});
  }

 private:
  void on_data(mqtt::ByteView bytes) override { heard_ += text_of(bytes, version_) + "\n"; }
  void on_writable() override {}
  void on_end(const mqtt::io::StreamEnd&) override { heard_ += "end\n"; }

  ConnectionRooms& rooms_;
  static constexpr mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v5;
  mqtt::io::StreamPtr stream_;
  std::string heard_;
};

}  // namespace test

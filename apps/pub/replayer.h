#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "cli/connection/outage.h"
#include "cli/connection/precise_timer.h"
#include "cli/connection/tool_run.h"
#include "cli/input/input_reader.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "pub/lateness.h"
#include "pub/pub_options.h"
#include "recording/playback.h"
#include "recording/recording_reader.h"

namespace pub {

/// An open recording: a file, which it closes, or standard input.
class RecordingInput {
 public:
  /// `may_rewind`: it will be read more than once. The error says what is wrong with the file.
  static tl::expected<RecordingInput, std::string> open(const std::string& path, bool may_rewind);
  RecordingInput(RecordingInput&& other) noexcept;
  RecordingInput& operator=(RecordingInput&&) = delete;
  ~RecordingInput();

  int descriptor() const { return descriptor_; }
  void rewind();

 private:
  RecordingInput(int descriptor, bool is_ours) : descriptor_(descriptor), is_ours_(is_ours) {}
  int descriptor_;
  bool is_ours_;
};

/// One run of mqtt-pub --replay: connects, publishes the messages of a recording when they are due,
/// and disconnects when all of them have arrived.
///
/// It reads only up to the next message, so the speed of a pipe does not matter. A lost connection
/// is re-established, as with -l; messages that became due meanwhile are sent immediately. Used on
/// the loop's thread.
class Replayer final : mqtt::client::ClientHandler {
 public:
  /// `options` must outlive the replayer.
  Replayer(const PubOptions& options, RecordingInput input);

  /// Runs to the end; returns the exit status.
  int run();

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;
  void on_room() override { go_on(); }

  /// Publishes what is due, as far as the client accepts it, and schedules the next call.
  void go_on();
  void read_input();
  /// Whether there is a record to publish: the waiting one, or the next one that was read.
  bool has_record();
  enum class Taken { yes, later };
  Taken publish(const recording::Record& record);
  void on_published(const mqtt::client::PublishResult& result);
  void on_refused(mqtt::SendError error, std::string_view topic);

  void on_recording_ended();
  void begin_round();
  void finish_if_done();
  std::string figures() const;
  void tell_what_was_done();
  void end_with(cli::FinalWord word);

  const PubOptions& options_;
  RecordingInput input_;
  cli::ToolRun run_;
  mqtt::client::Client client_;
  cli::InputReader reader_;
  cli::PreciseTimer due_timer_;
  mqtt::io::Timer pause_;  ///< between repetitions

  std::optional<recording::RecordingReader> records_;  ///< of this round
  recording::Playback playback_;
  recording::Record record_;  ///< the next one, if it `waits_`
  bool waits_ = false;
  recording::Playback::Moment due_;  ///< of `record_`
  std::string topic_;                ///< with its prefix

  cli::Outage outage_;
  bool connected_once_ = false;
  bool ended_ = false;  ///< there are no more records, in any round
  std::uint32_t rounds_left_;
  std::uint64_t records_in_round_ = 0;
  std::uint64_t open_messages_ = 0;                ///< accepted by the client and not complete yet
  std::chrono::steady_clock::time_point began_{};  ///< when the first message was due
  std::uint64_t bytes_ = 0;                        ///< payload of what was published
  std::uint64_t skipped_ = 0;                      ///< the broker's own topics
  bool lost_properties_ = false;  ///< a message had properties, and the protocol version has none
  bool rejected_ = false;         ///< at least one, by the broker or our client
  std::string damage_;            ///< why the recording could not be read to its end
  Lateness lateness_;
};

}  // namespace pub

#include "sub/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sub {

tl::expected<RecordingFile, std::string> RecordingFile::create(const std::string& path) {
  constexpr int permissions = 0666;  // less what the user's mask takes away
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions);
  if (descriptor < 0) {
    return tl::unexpected("cannot write \"" + path + "\": " + std::strerror(errno));
  }
  return RecordingFile(descriptor);
}

RecordingFile::RecordingFile(RecordingFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

RecordingFile::~RecordingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Recorder::Recorder(mqtt::io::Loop& loop, cli::StandardOutput& output)
    : system_ahead_(std::chrono::system_clock::now().time_since_epoch() -
                    std::chrono::steady_clock::now().time_since_epoch()),
      writer_(output.buffer()),
      timer_(loop, [this] { flush_soon(); }) {}

/// Does not jump when the system's clock is set.
std::chrono::nanoseconds Recorder::now() const {
  return std::chrono::steady_clock::now().time_since_epoch() + system_ahead_;
}

bool Recorder::add(const mqtt::Publish& message) {
  if (!writer_.add(now(), message)) return false;
  ++counts_.messages;
  counts_.bytes += message.payload.size();
  if (message.qos != mqtt::QoS::at_most_once) flush_soon();
  return true;
}

void Recorder::end_turn() {
  if (finished_) return;
  if (std::exchange(flush_soon_, false)) {
    writer_.flush();
    timer_.stop();
  } else if (writer_.has_open_block() && !timer_.is_active()) {
    timer_.start(longest_wait);
  }
}

void Recorder::finish() {
  if (std::exchange(finished_, true)) return;
  timer_.stop();
  writer_.finish();
}

}  // namespace sub

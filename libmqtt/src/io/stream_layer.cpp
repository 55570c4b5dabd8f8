#include "mqtt/io/stream_layer.h"

#include <functional>
#include <utility>

#include "buffer_cursor.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"

namespace mqtt::io {

struct StreamLayer::Farewell {
  Farewell(Loop& loop, std::function<void()> on_patience_over, StreamEnd why)
      : patience(loop, std::move(on_patience_over)), end(std::move(why)) {
    patience.start(loop.farewell_patience(), loop.farewell_patience());
  }
  Timer patience;
  std::size_t unsent_before = 0;
  StreamEnd end;
  bool answer_expected = false;
  bool below_finishing = false;
};

StreamLayer::StreamLayer(Loop& loop, StreamPtr below) : loop_(loop), below_(std::move(below)) {
  below_->set_handler(this);
}

StreamLayer::StreamLayer(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below)) {
  state_ = State::open;
  unread_ = std::move(unread);
}

StreamLayer::~StreamLayer() = default;

Stream::Peer StreamLayer::peer() const {
  return below_->peer();
}

// Beginning.

void StreamLayer::start() {
  if (std::exchange(started_, true) || state_ == State::ended) return;
  if (!unread_.empty()) defer(loop_);
  below_->start();
}

void StreamLayer::on_open() {
  const Hold hold(*this);
  if (state_ == State::opening) begin();
}

void StreamLayer::opened() {
  state_ = State::open;
  if (paused_) below_->pause();
  if (handler() != nullptr) handler()->on_open();
}

// Input.

bool StreamLayer::wants_input() const {
  switch (state_) {
    case State::opening:
    case State::finishing:
      return true;
    case State::open:
      return !paused_;
    case State::ended:
      return false;
  }
  return false;
}

void StreamLayer::pause() {
  paused_ = true;
  if (state_ == State::open) below_->pause();
}

void StreamLayer::resume() {
  paused_ = false;
  if (state_ != State::open) return;
  // Kept input comes first, in a separate turn.
  if (!unread_.empty()) return defer(loop_);
  below_->resume();
}

void StreamLayer::on_data(ByteView bytes) {
  const Hold hold(*this);
  if (unread_.empty()) return process(bytes);
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  process_unread();
}

void StreamLayer::process_unread() {
  if (unread_.empty() || !wants_input()) return;
  const std::vector<std::uint8_t> bytes = std::exchange(unread_, {});
  process(bytes);
}

void StreamLayer::process(ByteView bytes) {
  input_ = bytes;
  if (wants_input()) on_input();
  const ByteView rest = std::exchange(input_, {});
  if (state_ != State::ended) unread_.assign(rest.begin(), rest.end());
}

void StreamLayer::deliver(ByteView bytes) {
  if (state_ == State::open && handler() != nullptr && !bytes.empty()) handler()->on_data(bytes);
}

void StreamLayer::on_deferred() {
  if (!started_) return;
  process_unread();
  if (state_ == State::open && !paused_) below_->resume();
}

void StreamLayer::put_off_input() {
  below_->pause();
  defer_costly(loop_);
}

void StreamLayer::on_costly_turn() {
  if (state_ == State::ended) return;
  costly_turn_ = true;
  process_unread();
  costly_turn_ = false;
  if (state_ == State::opening || (state_ == State::open && !paused_)) below_->resume();
}

// Output.

std::size_t StreamLayer::write(std::span<const ByteView> buffers) {
  if (state_ != State::open) return 0;
  std::size_t size = 0;
  for (const ByteView& buffer : buffers) size += buffer.size();
  const std::size_t taken = size == 0 || unsent() != 0 ? 0 : encode(buffers);
  if (taken < size) writable_owed_ = true;
  return taken;
}

void StreamLayer::send(std::span<const ByteView> buffers) {
  if (state_ == State::ended) return;
  BufferCursor cursor(buffers);
  if (unsent_.empty()) cursor.skip(below_->write(buffers));
  while (!cursor.is_at_end()) {
    const ByteView rest = cursor.take(cursor.front().size());
    unsent_.insert(unsent_.end(), rest.begin(), rest.end());
  }
}

void StreamLayer::on_writable() {
  const Hold hold(*this);
  if (!unsent_.empty()) {
    const std::size_t taken = below_->write(unsent_);
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (!unsent_.empty()) return;
    unsent_ = {};  // gives the memory back
  }
  if (state_ == State::finishing) return go_on_with_farewell();
  if (!std::exchange(writable_owed_, false)) return;
  if (state_ == State::open && handler() != nullptr) handler()->on_writable();
}

// Ending.

void StreamLayer::finish() {
  if (state_ == State::finishing || state_ == State::ended) return;
  const bool was_open = state_ == State::open;
  begin_farewell({StreamEnd::Cause::finished, ""}, was_open);
  if (was_open) say_farewell();
  go_on_with_farewell();
}

void StreamLayer::leave(StreamEnd end) {
  if (state_ == State::finishing || state_ == State::ended) return;
  begin_farewell(std::move(end), false);
  go_on_with_farewell();
}

void StreamLayer::begin_farewell(StreamEnd end, bool answer_expected) {
  state_ = State::finishing;
  farewell_ = std::make_unique<Farewell>(
      loop_, [this] { on_patience_over(); }, std::move(end));
  farewell_->unsent_before = unsent();
  farewell_->answer_expected = answer_expected;
  // The answer may come after input that the owner has not read yet.
  if (!unread_.empty()) defer(loop_);
  below_->resume();
}

void StreamLayer::go_on_with_farewell() {
  if (state_ != State::finishing || unsent() != 0) return;
  if (!farewell_->answer_expected || is_farewell_answered()) finish_below();
}

void StreamLayer::on_patience_over() {
  const std::size_t before = std::exchange(farewell_->unsent_before, unsent());
  if (unsent() != 0 && unsent() < before) return;  // slow, but alive
  finish_below();
}

void StreamLayer::finish_below() {
  if (std::exchange(farewell_->below_finishing, true)) return;
  farewell_->patience.stop();
  unsent_ = {};
  below_->finish();
}

void StreamLayer::on_end(const StreamEnd& end) {
  const Hold hold(*this);
  process_unread();
  if (state_ == State::ended) return;
  if (state_ != State::finishing) return tell(end_from_below(end));
  const bool failed = end.cause == StreamEnd::Cause::error;
  const bool own = farewell_->end.cause == StreamEnd::Cause::finished;
  tell(own && failed ? end : StreamEnd(farewell_->end));
}

void StreamLayer::tell(const StreamEnd& end) {
  state_ = State::ended;
  farewell_.reset();
  tell_end(end);
}

std::unique_ptr<DetachedStream> StreamLayer::detach() {
  if (state_ != State::open || unsent() != 0) return nullptr;
  std::unique_ptr<DetachedStream> below = below_->detach();
  if (!below) return nullptr;
  state_ = State::ended;
  silence();
  // If called during processing, the rest of the current piece moves as well.
  std::vector<std::uint8_t> unread(input_.begin(), input_.end());
  unread.insert(unread.end(), unread_.begin(), unread_.end());
  input_ = {};
  return make_detached(std::move(below), std::move(unread));
}

void StreamLayer::abandon() {
  state_ = State::ended;
  input_ = {};
  farewell_.reset();
  below_.reset();
}

}  // namespace mqtt::io

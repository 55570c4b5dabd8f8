#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "message/message.h"
#include "mqtt/io/stream.h"
#include "mqtt/protocol/bytes.h"
#include "runtime/timer_wheel.h"
#include "runtime/worker.h"

namespace broker {

/// Memory for output that has not been written yet, in pieces of one size, reused. One per worker:
/// what is written at the end of a turn is filled again in the next, and is still in the cache.
///
/// What lay unused for a whole second is given back, down to `always_kept`: a burst does not occupy
/// for ever what it needed once. A piece is a page of memory, and the page goes back to the system,
/// not to the heap: there it would lie between other things, and stay.
class OutputPool final : private TimerEntry {
 public:
  static constexpr std::size_t piece_size = 4096;
  struct Piece {
    Piece* next = nullptr;
    std::uint32_t begin = 0;  ///< of what is unsent, into `shared` or `bytes`
    std::uint32_t end = 0;
    std::uint32_t packets = 0;  ///< that end in this piece
    /// Set: the piece is a payload of this message instead of `bytes`.
    MessagePtr shared;
    std::array<std::uint8_t, piece_size - 40> bytes;
  };

  static constexpr std::size_t always_kept = 4;      ///< 16 KiB
  static constexpr std::size_t kept_at_most = 4096;  ///< 16 MiB
  static constexpr std::size_t block_pages = 64;     ///< mapped at a time

  explicit OutputPool(Worker& worker) : worker_(worker) {}
  ~OutputPool();
  OutputPool(const OutputPool&) = delete;
  OutputPool& operator=(const OutputPool&) = delete;

  Piece* take();
  void give_back(Piece* piece);
  /// Pieces that nobody uses.
  std::size_t free_count() const { return free_count_; }

 private:
  void on_timer() override;
  void watch();
  void drop_one();
  void* page();

  Worker& worker_;
  std::vector<void*> blocks_;                ///< of `block_pages` pages each; kept until the end
  std::size_t used_of_block_ = block_pages;  ///< pages of the last one that were ever taken
  std::vector<void*> bare_;                  ///< pages without memory behind them
  Piece* free_ = nullptr;
  std::size_t free_count_ = 0;
  std::size_t fewest_free_ = 0;  ///< since the timer was armed: what nobody has needed since
};

/// Packets of one connection that wait to be written, gathered over a turn and written with one
/// call. Owns memory only while something waits. Belongs to the connection, on its worker.
class Outbox {
 public:
  Outbox() = default;
  ~Outbox() = default;  ///< the owner has called `clear`
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  bool empty() const { return last_ == nullptr; }
  std::size_t bytes() const { return bytes_; }
  std::size_t packets() const { return packets_; }

  /// Room for `size` bytes in one stretch (at most `max_stretch`), to be filled at once.
  std::uint8_t* stretch(OutputPool& pool, std::size_t size);
  static constexpr std::size_t max_stretch = OutputPool::piece_size - 40;
  /// Copies; any size.
  void append(OutputPool& pool, mqtt::ByteView bytes);
  /// The payload of `message`, without copying it.
  void append_payload(OutputPool& pool, const MessagePtr& message);
  /// What was appended since the last call is one packet.
  void end_packet();

  /// Writes as much as the stream takes. True if nothing is left.
  bool write_to(mqtt::io::Stream& stream, OutputPool& pool);
  void clear(OutputPool& pool);

 private:
  using Piece = OutputPool::Piece;
  Piece* push(OutputPool& pool);
  Piece* first() const { return last_->next; }
  void pop(OutputPool& pool);
  void sent(std::size_t bytes, OutputPool& pool);

  Piece* last_ = nullptr;    ///< whose `next` is the first
  std::uint32_t bytes_ = 0;  ///< bounded by max_output_buffer and one packet beyond
  std::uint32_t packets_ = 0;
};

}  // namespace broker

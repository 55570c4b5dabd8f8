#include "net/outbox.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "runtime/heap_account.h"

namespace broker {

static_assert(sizeof(OutputPool::Piece) <= OutputPool::piece_size);

namespace {

constexpr Millis watch_ms = 1000;

}  // namespace

OutputPool::~OutputPool() {
  while (free_ != nullptr) drop_one();
  for (void* const block : blocks_) ::munmap(block, block_pages * piece_size);
}

OutputPool::Piece* OutputPool::take() {
  Piece* piece = free_;
  // Its bytes stay uninitialised: they are written before they are read.
  if (piece == nullptr) return new (page()) Piece;
  free_ = piece->next;
  --free_count_;
  fewest_free_ = std::min(fewest_free_, free_count_);
  piece->begin = piece->end = piece->packets = 0;
  return piece;
}

/// A page that nobody uses; the system gives it memory when it is written to.
void* OutputPool::page() {
  heap_account.map(static_cast<std::int64_t>(piece_size));
  if (!bare_.empty()) {
    void* const page = bare_.back();
    bare_.pop_back();
    return page;
  }
  if (used_of_block_ == block_pages) {
    void* const block = ::mmap(nullptr, block_pages * piece_size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) throw std::bad_alloc();
    blocks_.push_back(block);
    used_of_block_ = 0;
  }
  return static_cast<std::byte*>(blocks_.back()) + piece_size * used_of_block_++;
}

void OutputPool::give_back(Piece* piece) {
  piece->shared = MessagePtr();
  piece->next = free_;
  free_ = piece;
  ++free_count_;
  if (free_count_ > kept_at_most) return drop_one();
  if (free_count_ > always_kept && !armed()) watch();
}

void OutputPool::watch() {
  fewest_free_ = free_count_;
  worker_.timers().arm(*this, worker_.now() + watch_ms);
}

void OutputPool::on_timer() {
  const std::size_t unneeded =
      std::min(fewest_free_, free_count_ - std::min(free_count_, always_kept));
  for (std::size_t i = 0; i < unneeded; ++i) drop_one();
  if (free_count_ > always_kept) watch();
}

/// Where the system's pages are larger than ours it refuses, and the memory stays; the piece can be
/// taken again all the same.
void OutputPool::drop_one() {
  Piece* piece = free_;
  free_ = piece->next;
  --free_count_;
  piece->~Piece();
  ::madvise(piece, piece_size, MADV_DONTNEED);
  heap_account.map(-static_cast<std::int64_t>(piece_size));
  bare_.push_back(piece);
}

Outbox::Piece* Outbox::push(OutputPool& pool) {
  Piece* piece = pool.take();
  if (last_ == nullptr) {
    piece->next = piece;
  } else {
    piece->next = std::exchange(last_->next, piece);
  }
  last_ = piece;
  return piece;
}

void Outbox::pop(OutputPool& pool) {
  Piece* piece = first();
  if (piece == last_) {
    last_ = nullptr;
  } else {
    last_->next = piece->next;
  }
  pool.give_back(piece);
}

std::uint8_t* Outbox::stretch(OutputPool& pool, std::size_t size) {
  Piece* piece = last_;
  if (piece == nullptr || piece->shared || max_stretch - piece->end < size) piece = push(pool);
  std::uint8_t* begin = piece->bytes.data() + piece->end;
  piece->end += static_cast<std::uint32_t>(size);
  bytes_ += static_cast<std::uint32_t>(size);
  return begin;
}

void Outbox::append(OutputPool& pool, mqtt::ByteView bytes) {
  while (!bytes.empty()) {
    Piece* piece = last_;
    if (piece == nullptr || piece->shared || piece->end == max_stretch) piece = push(pool);
    const std::size_t part = std::min(bytes.size(), max_stretch - piece->end);
    std::memcpy(stretch(pool, part), bytes.data(), part);
    bytes = bytes.subspan(part);
  }
}

void Outbox::append_payload(OutputPool& pool, const MessagePtr& message) {
  Piece* piece = push(pool);
  piece->shared = message;
  piece->end = static_cast<std::uint32_t>(message->payload().size());
  bytes_ += piece->end;
}

void Outbox::end_packet() {
  ++last_->packets;
  ++packets_;
}

bool Outbox::write_to(mqtt::io::Stream& stream, OutputPool& pool) {
  constexpr std::size_t max_buffers = 64;
  std::array<mqtt::ByteView, max_buffers> buffers;
  while (!empty()) {
    std::size_t count = 0;
    std::size_t offered = 0;
    const Piece* piece = last_;
    do {
      piece = piece->next;
      const std::uint8_t* data =
          piece->shared ? piece->shared->payload().data() : piece->bytes.data();
      buffers[count++] = {data + piece->begin, piece->end - piece->begin};
      offered += piece->end - piece->begin;
    } while (piece != last_ && count < max_buffers);
    const std::size_t taken = stream.write(std::span<const mqtt::ByteView>(buffers.data(), count));
    sent(taken, pool);
    if (taken < offered) return false;
  }
  return true;
}

void Outbox::sent(std::size_t bytes, OutputPool& pool) {
  bytes_ -= static_cast<std::uint32_t>(bytes);
  while (!empty() && bytes >= first()->end - first()->begin) {
    bytes -= first()->end - first()->begin;
    packets_ -= first()->packets;
    pop(pool);
  }
  if (bytes != 0) first()->begin += static_cast<std::uint32_t>(bytes);
}

void Outbox::clear(OutputPool& pool) {
  while (!empty()) pop(pool);
  bytes_ = 0;
  packets_ = 0;
}

}  // namespace broker

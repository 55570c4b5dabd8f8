#include "net/outbox.h"

#include <algorithm>
#include <cstring>

namespace broker {

static_assert(sizeof(OutputPool::Piece) <= OutputPool::piece_size);

OutputPool::~OutputPool() {
  while (free_ != nullptr) {
    Piece* piece = free_;
    free_ = piece->next;
    delete piece;
  }
}

OutputPool::Piece* OutputPool::take() {
  Piece* piece = free_;
  if (piece == nullptr) return new Piece;  // bytes stay uninitialised: they are written before they are read
  free_ = piece->next;
  --free_count_;
  piece->next = nullptr;
  piece->begin = piece->end = piece->packets = 0;
  return piece;
}

void OutputPool::give_back(Piece* piece) {
  piece->shared = MessagePtr();
  if (free_count_ == kept_at_most) {
    delete piece;
    return;
  }
  piece->next = free_;
  free_ = piece;
  ++free_count_;
}

Outbox::Piece* Outbox::push(OutputPool& pool) {
  Piece* piece = pool.take();
  if (tail_ == nullptr) {
    head_ = piece;
  } else {
    tail_->next = piece;
  }
  tail_ = piece;
  return piece;
}

std::uint8_t* Outbox::stretch(OutputPool& pool, std::size_t size) {
  Piece* piece = tail_;
  if (piece == nullptr || piece->shared || max_stretch - piece->end < size) piece = push(pool);
  std::uint8_t* begin = piece->bytes.data() + piece->end;
  piece->end += static_cast<std::uint32_t>(size);
  bytes_ += size;
  return begin;
}

void Outbox::append(OutputPool& pool, mqtt::ByteView bytes) {
  while (!bytes.empty()) {
    Piece* piece = tail_;
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
  ++tail_->packets;
  ++packets_;
}

bool Outbox::write_to(mqtt::io::Stream& stream, OutputPool& pool) {
  constexpr std::size_t max_buffers = 64;
  std::array<mqtt::ByteView, max_buffers> buffers;
  while (head_ != nullptr) {
    std::size_t count = 0;
    std::size_t offered = 0;
    for (Piece* piece = head_; piece != nullptr && count < max_buffers; piece = piece->next) {
      const std::uint8_t* data = piece->shared ? piece->shared->payload().data() : piece->bytes.data();
      buffers[count++] = {data + piece->begin, piece->end - piece->begin};
      offered += piece->end - piece->begin;
    }
    const std::size_t taken = stream.write(std::span<const mqtt::ByteView>(buffers.data(), count));
    sent(taken, pool);
    if (taken < offered) return false;
  }
  return true;
}

void Outbox::sent(std::size_t bytes, OutputPool& pool) {
  bytes_ -= bytes;
  while (head_ != nullptr && bytes >= head_->end - head_->begin) {
    Piece* piece = head_;
    bytes -= piece->end - piece->begin;
    packets_ -= piece->packets;
    head_ = piece->next;
    if (head_ == nullptr) tail_ = nullptr;
    pool.give_back(piece);
  }
  if (bytes != 0) head_->begin += static_cast<std::uint32_t>(bytes);
}

void Outbox::clear(OutputPool& pool) {
  while (head_ != nullptr) {
    Piece* piece = head_;
    head_ = piece->next;
    pool.give_back(piece);
  }
  tail_ = nullptr;
  bytes_ = 0;
  packets_ = 0;
}

}  // namespace broker

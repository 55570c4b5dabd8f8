#include "recording/compression.h"

#include <zstd.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "recording/file_layout.h"

namespace recording {

namespace {

/// Fast, and the gain of higher levels on short messages is small.
constexpr int compression_level = 1;

/// What a frame begins with at least, and the header of each of its blocks.
constexpr std::size_t frame_start_bytes = 5;
constexpr std::size_t block_header_bytes = 3;

/// For calls that fail only if we call them wrongly.
void require(std::size_t result) {
  if (ZSTD_isError(result) != 0) throw std::logic_error(ZSTD_getErrorName(result));
}

}  // namespace

void Compressor::Deleter::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

Compressor::Compressor() : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  require(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, compression_level));
  require(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, window_log));
  require(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
}

void Compressor::compress(std::string_view bytes, Then then, std::string& out) {
  const ZSTD_EndDirective directive = then == Then::end ? ZSTD_e_end : ZSTD_e_flush;
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  std::size_t left = 0;
  do {
    const std::size_t begin = out.size();
    out.resize(begin + ZSTD_compressBound(input.size - input.pos));
    ZSTD_outBuffer output{out.data() + begin, out.size() - begin, 0};
    left = ZSTD_compressStream2(context_.get(), &output, &input, directive);
    out.resize(begin + output.pos);
    require(left);
  } while (left != 0);
}

void Decompressor::Deleter::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

Decompressor::Decompressor() : context_(ZSTD_createDCtx()), wanted_(frame_start_bytes) {
  if (!context_) throw std::bad_alloc();
  require(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log));
}

tl::expected<Decompressor::Step, std::string> Decompressor::decompress(std::string_view bytes,
                                                                       std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + most_step_bytes);
  // No more than one block at a time: an error behind it would take it along.
  const std::size_t most =
      wanted_ > block_header_bytes ? wanted_ - block_header_bytes : block_header_bytes;
  ZSTD_inBuffer input{bytes.data(), std::min(bytes.size(), most), 0};
  ZSTD_outBuffer output{out.data() + begin, most_step_bytes, 0};
  const std::size_t result = ZSTD_decompressStream(context_.get(), &output, &input);
  out.resize(begin + output.pos);
  if (ZSTD_isError(result) != 0) return tl::unexpected(std::string(ZSTD_getErrorName(result)));
  wanted_ = result == 0 ? frame_start_bytes : result;
  return Step{input.pos, result == 0};
}

}  // namespace recording

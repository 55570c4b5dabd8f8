#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace recording {

/// Writes one zstd frame in parts.
class Compressor {
 public:
  Compressor();

  enum class Then {
    flush,  ///< everything so far can be decompressed from `out`
    end     ///< and the frame ends
  };
  /// Compresses `bytes` and appends the output to `out`.
  void compress(std::string_view bytes, Then then, std::string& out);

 private:
  struct Deleter {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Deleter> context_;
};

/// Reads zstd frames in parts. Its memory is bounded, whatever the input.
class Decompressor {
 public:
  Decompressor();

  struct Step {
    std::size_t taken = 0;     ///< bytes of the input
    bool frame_ended = false;  ///< the rest of the input is no part of the frame
  };
  /// Consumes the front of `bytes` and appends at most `most_step_bytes` to `out`. A step that
  /// consumes nothing and appends nothing needs more input. The error says what is wrong;
  /// everything that could be decompressed was appended by earlier steps.
  tl::expected<Step, std::string> decompress(std::string_view bytes, std::string& out);

  static constexpr std::size_t most_step_bytes = 64 * 1024;

 private:
  struct Deleter {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Deleter> context_;
  std::size_t wanted_;  ///< by zstd: the next block or header, and the header behind it
};

}  // namespace recording

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

/// One zstd frame, written bit by bit.
class Compressor {
 public:
  Compressor();

  enum class Then {
    flush,  ///< all of it can be decompressed from what is in `out` by now
    end     ///< and the frame is over
  };
  /// Compresses `bytes` and appends what comes of it to `out`.
  void compress(std::string_view bytes, Then then, std::string& out);

 private:
  struct Deleter {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Deleter> context_;
};

/// One zstd frame after the other, read bit by bit. Its memory is bounded, whatever it is fed.
class Decompressor {
 public:
  Decompressor();

  struct Step {
    std::size_t taken = 0;     ///< bytes of the input
    bool frame_ended = false;  ///< the rest of the input is no part of the frame
  };
  /// Takes from the front of `bytes` and appends at most `most_step_bytes` to `out`. A step that
  /// takes nothing and appends nothing wants more input. The error says what is wrong; all that
  /// could be decompressed before it was appended by earlier steps.
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

#pragma once

#include <cstdint>

namespace broker {

/// Returns memory to the system after a peak. The allocator keeps freed memory for later use, so an
/// emptied queue of a million messages would stay resident forever.
///
/// Belongs to one thread at a time, which should not be a worker: measuring and returning take the
/// allocator's locks, for about a tenth of a second per gibibyte.
class HeapTrim {
 public:
  /// Memory that is resident but not in use now is left alone: code, stacks.
  HeapTrim();

  /// Less than this is not worth returning: it will be needed again.
  static constexpr std::int64_t worth_it = std::int64_t{16} << 20U;

  /// Returns what it can, if enough has become unused since the last time. The result is in bytes.
  std::int64_t run();

  /// Resident bytes of the process. Cheap: reads a file in /proc.
  static std::int64_t resident();

 private:
  static std::int64_t unused();

  std::int64_t left_;  ///< unused, and not returned
};

}  // namespace broker

#pragma once

#include <cstdint>

namespace broker {

/// Gives memory that a peak has left behind back to the system. The allocator keeps what is freed
/// for what may come; a queue of a million messages that has been emptied would stay resident for
/// good.
///
/// Belongs to one thread at a time. It need not be a worker, and should not: to measure and to give
/// back takes the allocator's locks, for about a tenth of a second where it is a gibibyte.
class HeapTrim {
 public:
  /// What is resident beyond what is in use, as of now, is left alone: code, stacks.
  HeapTrim();

  /// Less than this is not worth the work: it will be needed again.
  static constexpr std::int64_t worth_it = std::int64_t{16} << 20U;

  /// Gives back what it can, if that has become worth it since it was last done. How many bytes.
  std::int64_t run();

  /// Bytes of the process's memory that are resident. Cheap: reads a file of the system's.
  static std::int64_t resident();

 private:
  static std::int64_t unused();

  std::int64_t left_;  ///< unused, and not given back
};

}  // namespace broker

#include "runtime/heap_trim.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/heap_account.h"

namespace broker {

HeapTrim::HeapTrim() : left_(unused()) {}

std::int64_t HeapTrim::run() {
  const std::int64_t before = unused();
  left_ = std::min(left_, before);
  if (before < left_ + worth_it) return 0;
  malloc_trim(0);
  left_ = unused();
  return before - left_;
}

/// The second figure of /proc/self/statm, in pages. 0 where there is no such file.
std::int64_t HeapTrim::resident() {
  std::array<char, 128> text{};
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  if (size <= 0) return 0;
  const char* const end = text.data() + size;
  const char* figure = std::find(static_cast<const char*>(text.data()), end, ' ');
  if (figure == end) return 0;
  std::int64_t pages = 0;
  std::from_chars(figure + 1, end, pages);
  return pages * ::sysconf(_SC_PAGESIZE);
}

std::int64_t HeapTrim::unused() {
  const struct mallinfo2 heap = mallinfo2();
  return resident() - static_cast<std::int64_t>(heap.uordblks + heap.hblkhd) -
         heap_account.mapped();
}

}  // namespace broker

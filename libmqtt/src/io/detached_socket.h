#pragma once

#include <unistd.h>

#include <utility>

#include "mqtt/io/stream.h"

namespace mqtt::io {

/// A connected socket between two loops.
class DetachedSocket final : public DetachedStream {
 public:
  using Attach = StreamPtr (*)(Loop& loop, int fd);

  /// Takes over `fd`; `make` creates a stream of the right kind from it.
  DetachedSocket(int fd, Attach make) : fd_(fd), attach_(make) {}
  ~DetachedSocket() override {
    if (fd_ >= 0) close(fd_);
  }
  DetachedSocket(const DetachedSocket&) = delete;
  DetachedSocket& operator=(const DetachedSocket&) = delete;

  StreamPtr attach(Loop& loop) override { return attach_(loop, std::exchange(fd_, -1)); }

 private:
  int fd_;
  Attach attach_;
};

}  // namespace mqtt::io

#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "bench/report/text_file.h"

namespace bench::samples {

/// What is written to stdout or stderr while it lives goes to a file instead.
class CapturedOutput {
 public:
  explicit CapturedOutput(std::FILE* stream) : stream_(stream) {
    std::fflush(stream_);
    before_ = dup(fileno(stream_));
    const int file = mkstemp(path_.data());
    dup2(file, fileno(stream_));
    close(file);
  }
  ~CapturedOutput() {
    std::fflush(stream_);
    dup2(before_, fileno(stream_));
    close(before_);
    unlink(path_.c_str());
  }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string text() {
    std::fflush(stream_);
    return read_file(path_).value_or("");
  }

 private:
  std::FILE* stream_;
  int before_;
  std::string path_ = "/tmp/captured-XXXXXX";
};

}  // namespace bench::samples

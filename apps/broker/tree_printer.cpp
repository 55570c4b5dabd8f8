#include "tree_printer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "admin/subscription_listing.h"
#include "broker.h"

namespace broker {
namespace {

/// How often a writer whose reader does not read looks whether it is to end.
constexpr int patience_ms = 100;
/// What a pipe takes without blocking, once it says that it takes something.
constexpr std::size_t longest_write = 4096;

bool takes_more(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, patience_ms) > 0;
}

}  // namespace

TreePrinter::~TreePrinter() {
  cancelled_ = true;
  if (thread_.joinable()) thread_.join();
}

void TreePrinter::print() {
  if (running_) {
    log_.notice("The subscriptions are being printed already.");
    return;
  }
  if (thread_.joinable()) thread_.join();
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void TreePrinter::run() {
  SubscriptionListing::Result found = broker_.subscription_listing().gather(cancelled_);
  const std::size_t count = found.subscriptions.size();
  if (found.left_out != 0) {
    log_.warning("{} subscriptions are printed, {} more are left out.", count, found.left_out);
  }
  bool whole = true;
  write_tree(std::move(found.subscriptions),
             [&](std::string_view text) { return whole = write(text); });
  if (whole) log_.information("{} subscriptions were printed to standard output.", count);
  running_ = false;
}

/// False if the rest makes no sense any more.
bool TreePrinter::write(std::string_view text) {
  while (!text.empty()) {
    if (cancelled_) return false;
    if (!takes_more(STDOUT_FILENO)) continue;
    const ssize_t written =
        ::write(STDOUT_FILENO, text.data(), std::min(text.size(), longest_write));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) {
      log_.warning("The subscriptions cannot be printed to standard output: {}.",
                   std::strerror(errno));
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace broker

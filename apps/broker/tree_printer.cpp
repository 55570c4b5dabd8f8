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

void TreePrinter::print() {
  if (running_.exchange(true)) {
    log_.notice("The subscriptions are being printed already.");
    return;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) {
    run(stop);
    running_ = false;
  });
}

void TreePrinter::run(const std::stop_token& stop) {
  auto gathered = broker_.subscription_listing().gather(stop);
  if (!gathered) return;
  SubscriptionListing::Result& found = *gathered;
  const std::size_t count = found.subscriptions.size();
  if (found.left_out != 0) {
    log_.warning("{} subscriptions are printed, {} more are left out.", count, found.left_out);
  }
  bool whole = true;
  write_tree(std::move(found.subscriptions),
             [&](std::string_view text) { return whole = write(text, stop); });
  if (whole) log_.information("{} subscriptions were printed to standard output.", count);
}

/// False if the rest makes no sense any more.
bool TreePrinter::write(std::string_view text, const std::stop_token& stop) {
  while (!text.empty()) {
    if (stop.stop_requested()) return false;
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

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/io_loop.h"
#include "common/signal/frame.h"
#include "scaler/signals/transport.h"

namespace cluster::latency {

/// Listens to an agent beside the scaler: when it made each frame, and which was the first to tell
/// of a tenant's requests.
class Frames {
 public:
  /// `agent` as "127.0.0.1:9101". Listens from now on, on a thread of its own.
  explicit Frames(const std::string& agent);
  ~Frames();
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  /// When the first frame with a request of the tenant was made; nothing if there is none.
  [[nodiscard]] std::optional<common::MonotonicTime> FirstOf(const std::string& tenant) const;

  /// When the last one was made that was there at `time`.
  [[nodiscard]] std::optional<common::MonotonicTime> LastBefore(common::MonotonicTime time) const;

 private:
  void Take(std::string_view bytes);
  void Note(const common::signal::Frame& frame);

  common::IoLoop io_;
  common::signal::Decoder decoder_;
  std::unique_ptr<scaler::signals::StreamTransport> transport_;
  std::unique_ptr<scaler::signals::Stream> stream_;
  mutable std::mutex mutex_;
  std::vector<common::MonotonicTime> made_;  ///< In their order.
  std::map<std::string, common::MonotonicTime> first_;
  std::thread thread_;
};

}  // namespace cluster::latency

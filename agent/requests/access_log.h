#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "agent/requests/line_format.h"
#include "agent/requests/registry.h"
#include "agent/requests/tenant_counters.h"
#include "common/clock.h"
#include "common/result.h"

namespace agent::requests {

struct AccessLogOptions {
  std::filesystem::path path;          ///< May be absent; it is read once it appears.
  std::filesystem::path checkpoint{};  ///< Empty: counters begin at 0 with every start.
  LineFormat format = LineFormat::kTrimtab;
  /// Called from Poll, once caught up, for a registered tenant's first request, and again for
  /// its first after `quiet` without any (by the times in the log; kVhostCombined has none): the
  /// moment to tell the scaler at once.
  std::function<void(const std::string& tenant)> on_first{};
  std::chrono::milliseconds quiet{10'000};
  std::size_t poll_bytes = 8UL << 20U;  ///< No Poll reads more.
  /// A rotated file is closed when nobody has written to it for so long.
  std::chrono::milliseconds idle_close{5'000};
};

/// Follows one access log through rotations and restarts, and counts its requests by tenant.
///
/// Rotation by rename, rename and delete, truncation and copytruncate lose nothing that was on
/// disk long enough to be opened. Belongs to one thread.
class AccessLog {
 public:
  /// Continues from the checkpoint if there is one; one that is damaged or of another version is
  /// reported and left aside. Fails where the machine has no inotify instance left.
  [[nodiscard]] static common::Result<std::unique_ptr<AccessLog>> Open(
      AccessLogOptions options, std::shared_ptr<const TenantRegistry> registry,
      const common::Clock& clock);

  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog();

  /// Reads and counts what is new, at most `poll_bytes`. True: more is waiting, poll again soon.
  ///
  /// Call it when the descriptor is readable, and once a second in any case (rotated files are
  /// closed, and logs on file systems without inotify are found, by time).
  bool Poll();

  /// Readable when Poll has something to do. The same for the whole life of the object.
  [[nodiscard]] int FileDescriptor() const;

  /// True once everything that was on disk at the start has been counted.
  [[nodiscard]] bool CaughtUp() const;

  [[nodiscard]] RequestCounters Counters() const;

  /// From now on hosts belong to the tenants of `registry`. Counters of tenants that stay go on;
  /// those of tenants that left are dropped.
  void UseRegistry(std::shared_ptr<const TenantRegistry> registry);

  /// Writes counters and position as one file, atomically. A kill at any time is then harmless:
  /// the next Open counts what came after. Does nothing without a checkpoint path.
  [[nodiscard]] common::Result<void> SaveCheckpoint() const;

 private:
  struct Impl;
  explicit AccessLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::requests

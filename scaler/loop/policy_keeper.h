#pragma once

#include <filesystem>
#include <memory>

#include "common/executor.h"
#include "scaler/loop/loop.h"
#include "scaler/loop/policy_book.h"
#include "scaler/platform/platform.h"
#include "scaler/policy/directory.h"
#include "scaler/policy/directory_watch.h"

namespace scaler::loop {

/// Gives the loop the policies of a directory, now and whenever its files change.
///
/// The intervals of schedules are worked out for eight days and anew every day.
///
/// A file with a problem is refused as a whole and what it last said goes on; every problem is in
/// the log once and in the loop's status until it is gone. Belongs to the executor's thread.
class PolicyKeeper {
 public:
  PolicyKeeper(common::Executor& executor, const platform::Platform& platform,
               std::filesystem::path directory);
  PolicyKeeper(const PolicyKeeper&) = delete;
  PolicyKeeper& operator=(const PolicyKeeper&) = delete;

  /// What Loop::Start wants; reads the directory for the first time.
  [[nodiscard]] PolicyLookup First();

  /// Looks again every second from now on. `loop` must outlive the keeper.
  void Watch(Loop& loop);

 private:
  void LookLater();

  common::Executor& executor_;
  std::filesystem::path directory_;
  policy::DirectoryWatch watch_;
  PolicyBook book_;
  Loop* loop_ = nullptr;
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::loop

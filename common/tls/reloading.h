#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/result.h"
#include "common/tls/file.h"

namespace common::tls {

/// A value made of files, made again when one of them has changed (Kubernetes rotates them in
/// place). While the new files are of no use the value made of the old ones stays, and the log
/// says why. Any thread.
///
/// `T` is cheap to copy: a shared_ptr.
template <typename T>
class Reloading {
 public:
  using Load = std::function<Result<T>()>;

  /// Fails as `load` fails. Empty names in `files` are left out.
  [[nodiscard]] static Result<std::unique_ptr<Reloading>> Open(std::vector<std::string> files,
                                                               Load load) {
    std::erase(files, "");
    auto stamps = StampAll(files);  // First, so that a change during the load is seen later.
    return load().map([&](T value) {
      return std::unique_ptr<Reloading>(
          new Reloading(std::move(files), std::move(load), std::move(stamps), std::move(value)));
    });
  }

  /// Looks at the files (a stat each) and reads them only where they have changed.
  [[nodiscard]] T Current() {
    const std::lock_guard lock(mutex_);
    auto stamps = StampAll(files_);
    if (stamps == stamps_) {
      return value_;
    }
    auto loaded = load_();
    if (!loaded) {
      // Tried again next time: of a certificate and its key, one is always written first.
      log::Error("changed files cannot be used, so what they held before stays",
                 {{"why", loaded.error().what}});
      return value_;
    }
    log::Info("files were read again", {{"file", files_.front()}});
    stamps_ = std::move(stamps);
    value_ = std::move(*loaded);
    return value_;
  }

 private:
  Reloading(std::vector<std::string> files, Load load, std::vector<FileStamp> stamps, T value)
      : files_(std::move(files)),
        load_(std::move(load)),
        stamps_(std::move(stamps)),
        value_(std::move(value)) {}

  static std::vector<FileStamp> StampAll(const std::vector<std::string>& files) {
    std::vector<FileStamp> stamps;
    stamps.reserve(files.size());
    for (const auto& file : files) {
      stamps.push_back(StampOf(file));
    }
    return stamps;
  }

  std::vector<std::string> files_;
  Load load_;
  std::mutex mutex_;
  std::vector<FileStamp> stamps_;
  T value_;
};

}  // namespace common::tls

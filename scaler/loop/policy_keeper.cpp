#include "scaler/loop/policy_keeper.h"

#include <utility>

namespace scaler::loop {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);

/// The directory differs from machine to machine, and the label must not.
std::string LabelOf(const std::string& file) {
  const std::filesystem::path path(file);
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

}  // namespace

PolicyKeeper::PolicyKeeper(common::Executor& executor, const platform::Platform& platform,
                           std::filesystem::path directory)
    : executor_(executor),
      directory_(std::move(directory)),
      watch_(directory_),
      book_(executor, platform, LabelOf) {}

PolicyLookup PolicyKeeper::First() {
  book_.Take(policy::LoadDirectory(directory_));
  return book_.Lookup();
}

void PolicyKeeper::Watch(Loop& loop) {
  loop_ = &loop;
  book_.Tell(loop);
  LookLater();
}

void PolicyKeeper::LookLater() {
  timer_ = executor_.After(kLookEvery, [this] {
    const bool changed = watch_.Changed();
    if (changed) {
      book_.Take(policy::Reload(book_.Set(), directory_));
    }
    if (changed || book_.Stale()) {
      book_.Tell(*loop_);
    }
    LookLater();
  });
}

}  // namespace scaler::loop

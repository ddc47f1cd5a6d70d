#include "scaler/kubernetes/policies/policy_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "common/log.h"

namespace scaler::kubernetes::policies {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
/// Which workloads a policy matches changes with them; of ten thousand it costs some milliseconds.
constexpr int kLooksBetweenSubjects = 5;
constexpr std::size_t kConfigMaps = kObjectKinds.size();

/// Names and labels of all workloads, as one number.
std::size_t FingerprintOf(const platform::Workloads& workloads) {
  const std::hash<std::string> hash;
  std::size_t all = 0;
  const auto add = [&](const std::string& text) { all = all * 1'099'511'628'211U + hash(text); };
  for (const auto& workload : workloads) {
    add(workload->id.name_space);
    add(workload->id.name);
    for (const auto& [key, value] : workload->labels) {
      add(key);
      add(value);
    }
  }
  return all;
}

}  // namespace

PolicyObjects::PolicyObjects(common::Executor& executor, common::kubernetes::Client& client,
                             const platform::Platform& platform, PolicyObjectsOptions options)
    : executor_(executor),
      client_(client),
      platform_(platform),
      options_(std::move(options)),
      book_(executor, platform, [this](const std::string& source) {
        // A directory differs from machine to machine, and the label must not.
        const bool is_file = options_.directory && source.starts_with(options_.directory->string());
        return is_file ? std::filesystem::path(source).filename().string() : source;
      }) {
  if (options_.directory) {
    directory_watch_.emplace(*options_.directory);
    store_.ReadFiles(*options_.directory);
  }
}

void PolicyObjects::AddWatcher(std::size_t index, common::kubernetes::Resource resource,
                               common::kubernetes::WatchHandlers handlers) {
  handlers.on_synced = [this] { Changed(); };
  handlers.on_trouble = [this, index, path = resource.path](const std::string& problem) {
    troubles_[index] = problem.empty() ? "" : fmt::format("policies of {}: {}", path, problem);
    if (!problem.empty()) {
      common::log::Warning("policies cannot be followed", {{"kind", path}, {"why", problem}});
    }
    Changed();
  };
  watchers_[index] = std::make_unique<common::kubernetes::Watcher>(
      executor_, client_, std::move(resource), std::move(handlers),
      common::kubernetes::WatchOptions{.seed = static_cast<std::uint32_t>(101 + index)});
}

void PolicyObjects::Start() {
  started_at_ = executor_.Monotonic();
  for (std::size_t index = 0; index < kObjectKinds.size(); ++index) {
    const auto kind = kObjectKinds[index];
    common::kubernetes::WatchHandlers handlers;
    handlers.on_put = [this, kind](const common::kubernetes::ObjectView& object) {
      if (store_.Put(kind, object)) {
        Changed();
      }
    };
    handlers.on_gone = [this, kind](const common::kubernetes::ObjectKey& key) {
      store_.Gone(kind, key);
      Changed();
    };
    AddWatcher(index, {CollectionOf(kind)}, std::move(handlers));
  }
  common::kubernetes::WatchHandlers handlers;
  handlers.on_put = [this](const common::kubernetes::ObjectView& map) {
    if (store_.PutConfigMap(map)) {
      Changed();
    }
  };
  handlers.on_gone = [this](const common::kubernetes::ObjectKey& key) {
    store_.GoneConfigMap(key);
    Changed();
  };
  AddWatcher(kConfigMaps,
             {fmt::format("/api/v1/namespaces/{}/configmaps", options_.name_space),
              "labelSelector=trimtab.io%2Fpolicies%3Dtrue"},
             std::move(handlers));
  for (auto& watcher : watchers_) {
    watcher->Start();
  }
  Look();
}

void PolicyObjects::Watch(loop::Loop& loop) {
  loop_ = &loop;
  if (known_) {
    Tell();
  }
}

/// Many changes at once, as of a first list, are taken together.
void PolicyObjects::Changed() {
  const auto now = executor_.Monotonic();
  auto wait = options_.quiet;
  if (reloaded_at_) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - *reloaded_at_);
    wait = std::max(wait, options_.least_interval - since);
  }
  if (!reload_) {
    reload_ = executor_.After(wait, [this] {
      reload_.reset();
      Reload();
    });
  }
}

bool PolicyObjects::AllSynced() const {
  return std::all_of(watchers_.begin(), watchers_.end(),
                     [](const auto& watcher) { return watcher && watcher->Synced(); });
}

std::vector<std::string> PolicyObjects::Troubles() const {
  std::vector<std::string> troubles;
  for (const auto& trouble : troubles_) {
    if (!trouble.empty()) {
      troubles.push_back(trouble);
    }
  }
  return troubles;
}

void PolicyObjects::Reload() {
  // Who cannot list a kind at all (no rights, no such kind) still scales by what it knows.
  const bool waited = started_at_ && executor_.Monotonic() - *started_at_ >= options_.patience;
  const bool policies = watchers_[0] && watchers_[0]->Synced();
  if (!known_ && !AllSynced() && !(waited && policies)) {
    return;
  }
  known_ = true;
  reloaded_at_ = executor_.Monotonic();
  auto load = policy::Combine(book_.Set(), store_.Sources());
  // Metrics count from zero what a few files have, not each of ten thousand objects.
  std::set<std::string> bad;
  for (const auto& problem : load.problems) {
    bad.insert(problem.file);
  }
  std::set<std::string> objects;
  for (const auto& [ref, object] : store_.Objects()) {
    objects.insert(object.source.problems.File());
  }
  std::erase_if(load.files, [&](const std::string& source) {
    return objects.contains(source) && !bad.contains(source);
  });
  book_.Take(std::move(load));
  Tell();
}

void PolicyObjects::Tell() {
  if (loop_ != nullptr) {
    subjects_ = FingerprintOf(platform_.List());
    book_.Tell(*loop_, Troubles());
  }
}

void PolicyObjects::Look() {
  look_ = executor_.After(kLookEvery, [this] {
    Look();
    if (directory_watch_ && directory_watch_->Changed()) {
      store_.ReadFiles(*options_.directory);
      Changed();
    }
    if (!known_) {
      Changed();
      return;
    }
    const bool look_at_subjects = ++looks_ % kLooksBetweenSubjects == 0;
    if (book_.Stale() || (look_at_subjects && FingerprintOf(platform_.List()) != subjects_)) {
      Tell();
    }
  });
}

}  // namespace scaler::kubernetes::policies

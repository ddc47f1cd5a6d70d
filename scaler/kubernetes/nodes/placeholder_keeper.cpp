#include "scaler/kubernetes/nodes/placeholder_keeper.h"

#include <simdjson.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/kubernetes/json_fields.h"
#include "common/log.h"

namespace scaler::kubernetes::nodes {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

using common::MonotonicTime;
using common::kubernetes::ObjectKey;
using common::kubernetes::ObjectView;
using common::kubernetes::Outcome;
using common::kubernetes::Request;
using std::chrono::seconds;

constexpr auto kFirstRetry = std::chrono::milliseconds(1000);
constexpr auto kLongestRetry = seconds(30);
constexpr auto kLookAgain = seconds(1);

MonotonicTime::duration Delay(int failures) {
  const auto doublings = std::clamp(failures - 1, 0, 8);
  return std::min<MonotonicTime::duration>(kLongestRetry, kFirstRetry * (1 << doublings));
}

Request RequestFor(const char* method, std::string target) {
  Request request;
  request.method = method;
  request.target = std::move(target);
  request.priority = common::kubernetes::Priority::kWrite;
  return request;
}

/// Of any object: metadata.uid.
std::string UidOf(std::string_view json) {
  std::string uid;
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  if (parser.iterate(padded).get(document) == simdjson::SUCCESS &&
      document.get_value().get(top) == simdjson::SUCCESS) {
    json::EachField(top, [&](std::string_view key, ondemand::value value) {
      if (key != "metadata") {
        return;
      }
      json::EachField(value, [&](std::string_view name, ondemand::value field) {
        if (name == "uid") {
          uid = json::TextOf(field);
        }
      });
    });
  }
  return uid;
}

/// The message of the condition ReplicaFailure, where it holds.
void ReadFailure(ondemand::value value, std::string& failure) {
  bool is_it = false;
  bool holds = false;
  std::string message;
  json::EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "type") {
      is_it = json::ViewOf(field) == "ReplicaFailure";
    } else if (key == "status") {
      holds = json::ViewOf(field) == "True";
    } else if (key == "message") {
      message = json::TextOf(field);
    }
  });
  if (is_it && holds) {
    failure = message;
  }
}

int Count(ondemand::value value) {
  return static_cast<int>(std::clamp<std::int64_t>(json::NumberOf(value, 0), 0, 1'000'000));
}

}  // namespace

PlaceholderKeeper::PlaceholderKeeper(common::Executor& executor, common::kubernetes::Client& client,
                                     PlaceholderOptions options, std::function<bool()> leads)
    : executor_(executor),
      client_(client),
      options_(std::move(options)),
      leads_(std::move(leads)),
      collection_("/apis/apps/v1/namespaces/" + options_.name_space + "/deployments"),
      watcher_(executor, client,
               {collection_,
                "labelSelector=app.kubernetes.io%2Fname%3Dtrimtab-placeholder%2C"
                "app.kubernetes.io%2Fmanaged-by%3Dtrimtab-scaler"},
               {.on_put =
                    [this](const ObjectView& object) {
                      known_[std::string(object.name)] = Read(object);
                      Reconcile();
                    },
                .on_gone =
                    [this](const ObjectKey& key) {
                      known_.erase(key.name);
                      Reconcile();
                    },
                .on_synced = [this] { Reconcile(); },
                .on_trouble = [](const std::string&) {}}) {}

PlaceholderKeeper::Known PlaceholderKeeper::Read(const ObjectView& object) {
  Known known;
  known.resource_version = object.resource_version;
  const simdjson::padded_string padded(object.json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(top) != simdjson::SUCCESS) {
    return known;
  }
  json::EachField(top, [&](std::string_view part, ondemand::value value) {
    json::EachField(value, [&](std::string_view key, ondemand::value field) {
      if (part == "metadata" && key == "deletionTimestamp") {
        known.leaving = true;
      } else if (part == "metadata" && key == "annotations") {
        json::EachField(field, [&](std::string_view name, ondemand::value annotation) {
          if (name == kContentAnnotation) {
            known.content = json::TextOf(annotation);
          }
        });
      } else if (part == "spec" && key == "replicas") {
        known.replicas = Count(field);
      } else if (part == "status" && key == "readyReplicas") {
        known.ready = Count(field);
      } else if (part == "status" && key == "conditions") {
        json::EachItem(field,
                       [&](ondemand::value condition) { ReadFailure(condition, known.failure); });
      }
    });
  });
  return known;
}

void PlaceholderKeeper::Keep(const std::string& policy,
                             const std::vector<engine::capacity::Placeholder>& placeholders) {
  const bool none = placeholders.empty();
  if (none && told_ && !placeholders_.empty()) {
    unwanted_since_ = executor_.Monotonic();
  } else if (none && !told_) {
    unwanted_since_ = executor_.Monotonic();  // Of another life there may be some.
  } else if (!none) {
    unwanted_since_.reset();
  }
  told_ = true;
  if (owner_.name != policy) {
    owner_ = {policy, ""};
    owner_known_ = policy.empty();
    finds_owner_.reset();
  }
  placeholders_ = placeholders;
  Reconcile();
}

/// A policy that is no object of the cluster owns nothing.
void PlaceholderKeeper::FindOwner() {
  if (finds_owner_) {
    return;
  }
  finds_owner_ =
      client_.Send(RequestFor("GET", "/apis/trimtab.io/v1alpha1/capacitypolicies/" + owner_.name),
                   [this](const Outcome<std::string>& outcome) {
                     finds_owner_.reset();
                     const int status = outcome ? 0 : outcome.error().status;
                     if (!outcome && status != 404 && status != 403) {
                       At(executor_.Monotonic() + kFirstRetry);
                       return;
                     }
                     if (status == 403) {
                       common::log::Warning("placeholder pods will not go with their policy",
                                            {{"why", outcome.error().message}});
                     }
                     owner_.uid = outcome ? UidOf(*outcome) : std::string();
                     owner_known_ = true;
                     Reconcile();
                   });
}

void PlaceholderKeeper::Reconcile() {
  if (!told_ || !watcher_.Synced()) {
    return;
  }
  if (leads_ && !leads_()) {
    At(executor_.Monotonic() + kLookAgain);
    return;
  }
  if (placeholders_.empty()) {
    if (const auto when = *unwanted_since_ + kKeptFor; executor_.Monotonic() < when) {
      At(when);
      return;
    }
  } else if (!owner_known_) {
    FindOwner();
    return;
  }
  wanted_.clear();
  for (const auto& placeholder : placeholders_) {
    auto manifest = ManifestOf(placeholder, owner_, options_);
    wanted_.insert_or_assign(manifest.name, std::move(manifest));
  }
  std::erase_if(jobs_, [this](const auto& job) {
    return !job.second.pending && !wanted_.contains(job.first) && !known_.contains(job.first);
  });
  std::set<std::string> names;
  for (const auto& [name, manifest] : wanted_) {
    names.insert(name);
  }
  for (const auto& [name, known] : known_) {
    names.insert(name);
  }
  for (const auto& name : names) {
    ReconcileOne(name);
  }
}

void PlaceholderKeeper::ReconcileOne(const std::string& name) {
  const auto known = known_.find(name);
  const auto wanted = wanted_.find(name);
  auto& job = jobs_[name];
  if (job.pending || (known != known_.end() && known->second.leaving)) {
    return;
  }
  if (job.not_before && executor_.Monotonic() < *job.not_before) {
    At(*job.not_before);
    return;
  }
  if (wanted == wanted_.end()) {
    auto request = RequestFor("DELETE", collection_ + "/" + name);
    request.body = R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"})";
    Send(name, std::move(request));
  } else if (known == known_.end()) {
    auto request = RequestFor("POST", collection_);
    request.body = wanted->second.Json("");
    Send(name, std::move(request));
  } else if (known->second.content != wanted->second.content ||
             known->second.replicas != wanted->second.replicas) {
    auto request = RequestFor("PUT", collection_ + "/" + name);
    request.body = wanted->second.Json(known->second.resource_version);
    Send(name, std::move(request));
  } else {
    job = {};
  }
}

void PlaceholderKeeper::Send(const std::string& name, Request request) {
  jobs_[name].pending =
      client_.Send(std::move(request),
                   [this, name](const Outcome<std::string>& outcome) { Answered(name, outcome); });
}

/// After a success the watch says what is there; until then the same is not written again.
void PlaceholderKeeper::Answered(const std::string& name, const Outcome<std::string>& outcome) {
  auto& job = jobs_[name];
  job.pending.reset();
  if (outcome || outcome.error().status == 404) {
    job.failures = 0;
    job.problem.clear();
    job.not_before = executor_.Monotonic() + kFirstRetry;
  } else {
    // Another version than was read (409): the watch brings the newer one.
    job.not_before = executor_.Monotonic() + Delay(++job.failures);
    if (outcome.error().status != 409 && job.problem != outcome.error().message) {
      job.problem = outcome.error().message;
      common::log::Warning("placeholder pods are not as they should be",
                           {{"deployment", name}, {"why", job.problem}});
    }
  }
  At(*job.not_before);
}

void PlaceholderKeeper::At(MonotonicTime when) {
  if (timer_at_ && *timer_at_ <= when) {
    return;
  }
  timer_at_ = when;
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(when - executor_.Monotonic());
  timer_ = executor_.After(delay, [this] {
    timer_at_.reset();
    Reconcile();
  });
}

std::vector<platform::KeptRoom> PlaceholderKeeper::List() const {
  std::vector<platform::KeptRoom> kept;
  for (const auto& placeholder : placeholders_) {
    platform::KeptRoom room;
    room.name = placeholder.name;
    room.wanted = placeholder.pods;
    const auto name = DeploymentNameOf(placeholder);
    if (const auto known = known_.find(name); known != known_.end()) {
      room.running = std::min(known->second.ready, room.wanted);
      room.problem = known->second.failure;
    }
    if (const auto job = jobs_.find(name); job != jobs_.end() && !job->second.problem.empty()) {
      room.problem = job->second.problem;
    }
    kept.push_back(std::move(room));
  }
  return kept;
}

}  // namespace scaler::kubernetes::nodes

#include "common/kubernetes/watcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/http/client.h"

namespace common::kubernetes {
namespace {

using std::chrono::milliseconds;

constexpr int kGone = 410;
constexpr auto kListDeadline = std::chrono::seconds(60);
/// A server that ends watches spreads the load of new ones; each chooses its own time.
constexpr int kShortestWatchSeconds = 300;
constexpr int kLongestWatchSeconds = 600;

}  // namespace

Watcher::Watcher(Executor& executor, Client& client, Resource resource, WatchHandlers handlers,
                 WatchOptions options)
    : executor_(executor),
      client_(client),
      resource_(std::move(resource)),
      handlers_(std::move(handlers)),
      options_(options),
      random_(options.seed) {}

void Watcher::Start() { List(); }

std::string Watcher::Target(const std::string& query) const {
  return resource_.path + "?" + (resource_.selector.empty() ? "" : resource_.selector + "&") +
         query;
}

void Watcher::List() {
  known_.BeginListing();
  opened_at_.reset();
  if (failures_ == 0) {
    ListFromCache();
  } else {
    ListPage({});
  }
}

void Watcher::ListFromCache() {
  Request request;
  request.target = Target("resourceVersionMatch=NotOlderThan&resourceVersion=" +
                          (version_.empty() ? "0" : http::EscapeQuery(version_)));
  request.priority = Priority::kList;
  request.deadline = kListDeadline;
  list_ = {};
  StreamEvents events;
  events.on_open = [this] { AwaitWord(); };
  events.on_bytes = [this](std::string_view bytes) { OnListed(bytes); };
  events.on_end = [this](const Outcome<void>& outcome) { OnListEnd(outcome); };
  pending_ = client_.Stream(std::move(request), std::move(events));
}

void Watcher::OnListed(std::string_view bytes) {
  AwaitWord();
  const auto decoded = list_.Append(bytes, [this](const ObjectView& object) { Put(object); });
  if (!decoded) {
    Again(true, decoded.error().what);
  }
}

void Watcher::OnListEnd(const Outcome<void>& outcome) {
  idle_.reset();
  if (!outcome) {
    Again(true, outcome.error().message);
    return;
  }
  Listed(list_.End());
}

void Watcher::ListPage(const std::string& next) {
  auto query = fmt::format("limit={}", options_.page_objects);
  if (!next.empty()) {
    query += "&continue=" + http::EscapeQuery(next);
  }
  Request request;
  request.target = Target(query);
  request.priority = Priority::kList;
  request.deadline = kListDeadline;
  pending_ = client_.Send(std::move(request),
                          [this](Outcome<std::string> body) { OnPage(std::move(body)); });
}

void Watcher::OnPage(Outcome<std::string> body) {
  if (!body) {
    // A page too late: the list begins anew.
    Again(true, body.error().message);
    return;
  }
  Listed(ReadPage(*body, [this](const ObjectView& object) { Put(object); }));
}

/// A server may page though it was not asked to.
void Watcher::Listed(const Result<PageHead>& head) {
  if (!head) {
    Again(true, head.error().what);
    return;
  }
  if (!head->next.empty()) {
    ListPage(head->next);
    return;
  }
  version_ = head->resource_version;
  EndListing();
}

void Watcher::EndListing() {
  for (const auto& key : known_.Unlisted()) {
    Gone(key);
  }
  synced_ = true;
  relist_ = false;
  failures_ = 0;
  Trouble({});
  if (handlers_.on_synced) {
    handlers_.on_synced();
  }
  Watch();
}

void Watcher::Watch() {
  std::uniform_int_distribution<int> seconds(kShortestWatchSeconds, kLongestWatchSeconds);
  Request request;
  request.target =
      Target(fmt::format("watch=1&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}",
                         http::EscapeQuery(version_), seconds(random_)));
  request.priority = Priority::kRead;
  decoder_ = {};
  StreamEvents events;
  opened_at_.reset();
  events.on_open = [this] {
    opened_at_ = executor_.Monotonic();
    AwaitWord();
    Trouble({});
  };
  events.on_bytes = [this](std::string_view bytes) { OnBytes(bytes); };
  events.on_end = [this](const Outcome<void>& outcome) { OnWatchEnd(outcome); };
  pending_ = client_.Stream(std::move(request), std::move(events));
}

void Watcher::AwaitWord() {
  idle_ = executor_.After(options_.idle_timeout, [this] {
    // Of a kind without any change there may be no bookmark either; if the connection has broken,
    // the next one tells.
    Again(false, opened_at_ ? "" : fmt::format("nothing was heard of {}", resource_.path));
  });
}

void Watcher::OnBytes(std::string_view bytes) {
  AwaitWord();
  const auto decoded =
      decoder_.Append(bytes, [this](const WatchEvent& event) { return OnEvent(event); });
  if (!decoded) {
    // Who cannot follow must look at everything again.
    Again(true, decoded.error().what);
  }
}

bool Watcher::OnEvent(const WatchEvent& event) {
  if (event.kind == WatchEvent::Kind::kError) {
    const bool expired = event.status.code == kGone || event.status.reason == "Expired" ||
                         event.status.reason == "Gone";
    Again(expired, expired && failures_ == 0 ? "" : event.status.message);
    return false;
  }
  failures_ = 0;
  version_ = event.object.resource_version;
  if (event.kind == WatchEvent::Kind::kPut) {
    Put(event.object);
  } else if (event.kind == WatchEvent::Kind::kGone) {
    Gone({std::string(event.object.name_space), std::string(event.object.name)});
  }
  return true;
}

void Watcher::OnWatchEnd(const Outcome<void>& outcome) {
  if (outcome) {
    Again(false, {});
    return;
  }
  const bool expired = outcome.error().status == kGone;
  Again(expired, expired && failures_ == 0 ? "" : outcome.error().message);
}

void Watcher::Put(const ObjectView& object) {
  if (known_.Put(object) == KnownObjects::Before::kAnother && handlers_.on_gone) {
    // Deleted and made again while nobody looked.
    handlers_.on_gone({std::string(object.name_space), std::string(object.name)});
  }
  if (handlers_.on_put) {
    handlers_.on_put(object);
  }
}

void Watcher::Gone(const ObjectKey& key) {
  if (known_.Forget(key) && handlers_.on_gone) {
    handlers_.on_gone(ObjectKey(key));
  }
}

/// A problem is waited out, longer each time; the end of a watch that has lived is followed by the
/// next one at once.
void Watcher::Again(bool from_the_list, const std::string& problem) {
  relist_ = relist_ || from_the_list || !synced_;
  idle_.reset();
  pending_.reset();
  const bool short_lived =
      opened_at_ && executor_.Monotonic() - *opened_at_ < std::chrono::seconds(1);
  milliseconds wait = short_lived ? options_.first_back_off : milliseconds(0);
  if (!problem.empty()) {
    const auto longest = std::min(options_.longest_back_off,
                                  options_.first_back_off * (1 << std::min(failures_, 16)));
    std::uniform_int_distribution<std::int64_t> jitter(longest.count() / 2, longest.count());
    wait = milliseconds(jitter(random_));
    ++failures_;
  }
  back_off_ = executor_.After(wait, [this] {
    back_off_.reset();
    if (relist_) {
      List();
    } else {
      Watch();
    }
  });
  if (!problem.empty()) {
    Trouble(problem);
  }
}

void Watcher::Trouble(const std::string& problem) {
  if (problem != problem_) {
    problem_ = problem;
    if (handlers_.on_trouble) {
      handlers_.on_trouble(problem);
    }
  }
}

}  // namespace common::kubernetes

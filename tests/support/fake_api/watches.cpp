#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "support/fake_api/parts.h"

namespace tests {

std::string FakeApi::Open::LineOf(const ApiStore::Change& change) const {
  const auto sees = [&](const ApiStore::Kept& object) {
    return object && (name_space.empty() || KeyOf(*object).first == name_space) &&
           selector.Matches(*object);
  };
  const bool saw = sees(change.before);
  const bool sees_it = sees(change.after);
  if (!saw && !sees_it) {
    return "";
  }
  const char* const type = !saw ? "ADDED" : sees_it ? "MODIFIED" : "DELETED";
  // What leaves the selection is told as it was, with the version of now.
  auto told = sees_it ? *change.after : change.last ? *change.last : *change.before;
  json::Into(told, "metadata")["resourceVersion"] = std::to_string(change.version);
  return fmt::format(R"({{"type":"{}","object":{}}})", type, ApiStore::Whole(*collection, told)) +
         "\n";
}

void FakeApi::CutWatches(bool in_mid_line) {
  for (const auto& watch : std::exchange(watches_, {})) {
    if (watch->over) {
      continue;
    }
    if (in_mid_line) {
      watch->events.on_bytes(R"({"type":"MODIFIED","object":{"metadata":{"na)");
      End(watch, common::Fail(std::errc::connection_reset, "broke off"));
    } else {
      End(watch, {});
    }
  }
}

void FakeApi::ExpireWatches() {
  const auto line = R"({"type":"ERROR","object":)" +
                    RefusalBody(410, "Expired", "too old resource version") + "}\n";
  for (const auto& watch : std::exchange(watches_, {})) {
    if (!watch->over) {
      watch->events.on_bytes(line);
      End(watch, {});
    }
  }
}

void FakeApi::SendBookmarks() {
  const auto line = fmt::format(
      R"({{"type":"BOOKMARK","object":{{"kind":"X","metadata":{{"resourceVersion":"{}"}}}}}})"
      "\n",
      parts_->store.Version());
  for (const auto& watch : std::vector<OpenPtr>(watches_)) {
    if (!watch->over) {
      watch->events.on_bytes(line);
    }
  }
}

void FakeApi::AnswerMany(const OpenPtr& open, const ApiTarget& target) {
  auto& collection = *parts_->store.Find(target.collection);
  if (!collection.kind.namespaced && !target.name_space.empty()) {
    Reply(open, Refuse(404, "NotFound", "the server could not find the requested resource"));
    return;
  }
  if (const auto problem = open->selector.Parse(target.Query("labelSelector"),
                                                target.Query("fieldSelector"), collection.kind)) {
    Reply(open, BadRequest(*problem));
    return;
  }
  open->name_space = target.name_space;
  if (target.Query("watch") == "1" || target.Query("watch") == "true") {
    Watch(open, target);
  } else {
    List(open, target);
  }
}

void FakeApi::List(const OpenPtr& open, const ApiTarget& target) {
  const auto& store = parts_->store;
  const auto& collection = *parts_->store.Find(target.collection);
  const auto limit = target.Query("limit");
  const auto next = target.Query("continue");
  if (!target.Query("resourceVersion").empty()) {
    ListFromCache(open, target);
    return;
  }
  if (limit.empty()) {
    Reply(open, BadRequest("a list without a limit"));
    return;
  }
  // "VERSION.OFFSET"
  const auto dot = next.find('.');
  const auto version = next.empty() ? store.Version() : std::stoull(next.substr(0, dot));
  if (version < store.Compacted()) {
    Reply(open, Refuse(410, "Expired", "the continue token is too old"));
    return;
  }
  const auto from = next.empty() ? 0 : std::stoull(next.substr(dot + 1));
  const auto to = from + std::stoull(limit);
  std::string items;
  std::uint64_t at = 0;
  for (const auto& [key, object] : collection.objects) {
    if ((!target.name_space.empty() && key.first != target.name_space) ||
        !open->selector.Matches(*object)) {
      continue;
    }
    if (at >= from && at < to) {
      items += (items.empty() ? "" : ",") + json::Write(*object);
    }
    ++at;
  }
  const auto token = to < at ? fmt::format(R"(,"continue":"{}.{}")", version, to) : "";
  Reply(open, 200,
        fmt::format(R"({{"kind":"List","metadata":{{"resourceVersion":"{}"{}}},"items":[{}]}})",
                    version, token, items));
}

void FakeApi::ListFromCache(const OpenPtr& open, const ApiTarget& target) {
  auto& store = parts_->store;
  if (target.Query("resourceVersionMatch") != "NotOlderThan" || !target.Query("limit").empty() ||
      !target.Query("continue").empty()) {
    Reply(open, BadRequest("a list of a version that is neither whole nor at least that old"));
    return;
  }
  const auto at_least = std::stoull(target.Query("resourceVersion"));
  if (at_least > store.Version()) {
    Reply(open, Refuse(504, "Timeout",
                       fmt::format("Too large resource version: {}, current: {}", at_least,
                                   store.Version())));
    return;
  }
  std::string items;
  for (const auto& [key, object] : store.Find(target.collection)->objects) {
    if ((target.name_space.empty() || key.first == target.name_space) &&
        open->selector.Matches(*object)) {
      items += (items.empty() ? "" : ",") + json::Write(*object);
    }
  }
  Reply(open, 200,
        fmt::format(R"({{"kind":"List","metadata":{{"resourceVersion":"{}"}},"items":[{}]}})",
                    store.Version(), items));
}

void FakeApi::Watch(const OpenPtr& open, const ApiTarget& target) {
  const auto from = target.Query("resourceVersion");
  if (from.empty() || target.Query("allowWatchBookmarks") != "true" ||
      target.Query("timeoutSeconds").empty()) {
    Reply(open, BadRequest("a watch without version, bookmarks or end"));
    return;
  }
  const auto version = std::stoull(from);
  if (version < parts_->store.Compacted()) {
    Reply(open, Refuse(410, "Expired", "too old resource version"));
    return;
  }
  open->collection = parts_->store.Find(target.collection);
  watches_.push_back(open);
  open->events.on_head(200, {});
  const auto changes = open->collection->changes;
  for (const auto& change : changes) {
    if (change.version > version && !open->over) {
      if (const auto line = open->LineOf(change); !line.empty()) {
        open->events.on_bytes(line);
      }
    }
  }
}

}  // namespace tests

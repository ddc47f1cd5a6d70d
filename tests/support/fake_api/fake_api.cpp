#include "support/fake_api/fake_api.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

namespace tests {
namespace {

using common::kubernetes::WireRequest;

std::string Refusal(int code, const std::string& reason, const std::string& message) {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{}","message":"{}","code":{}}})",
      reason, message, code);
}

std::map<std::string, std::string> QueryOf(std::string_view target) {
  std::map<std::string, std::string> query;
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) {
    return query;
  }
  auto rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto sign = pair.find('=');
    query.emplace(pair.substr(0, sign),
                  sign == std::string_view::npos ? "" : pair.substr(sign + 1));
  }
  return query;
}

std::string ValueOf(const std::map<std::string, std::string>& query, const std::string& key) {
  const auto found = query.find(key);
  return found == query.end() ? "" : found->second;
}

std::string Gzip(const std::string& text) {
  z_stream z{};
  ::deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&z, Z_FINISH);
  packed.resize(packed.size() - z.avail_out);
  ::deflateEnd(&z);
  return packed;
}

}  // namespace

class FakeApi::Call final : public common::kubernetes::WireCall {
 public:
  explicit Call(OpenPtr open) : open_(std::move(open)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    open_->over = true;
    open_->events = {};
  }

 private:
  OpenPtr open_;
};

void FakeApi::Put(const std::string& collection, const std::string& name_space,
                  const std::string& name, const std::string& spec) {
  auto& object = collections_[collection].objects[{name_space, name}];
  const bool is_new = object.uid.empty();
  if (is_new) {
    object.uid = "uid-" + std::to_string(++uids_);
  }
  object.version = ++version_;
  object.json = fmt::format(
      R"({{"metadata":{{"name":"{}","namespace":"{}","uid":"{}","resourceVersion":"{}"}},"spec":{}}})",
      name, name_space, object.uid, object.version, spec);
  Tell(collection, is_new ? "ADDED" : "MODIFIED", object.json);
}

void FakeApi::Remove(const std::string& collection, const std::string& name_space,
                     const std::string& name) {
  auto& objects = collections_[collection].objects;
  const auto found = objects.find({name_space, name});
  if (found == objects.end()) {
    return;
  }
  const auto json = fmt::format(
      R"({{"metadata":{{"name":"{}","namespace":"{}","uid":"{}","resourceVersion":"{}"}}}})", name,
      name_space, found->second.uid, ++version_);
  objects.erase(found);
  Tell(collection, "DELETED", json);
}

void FakeApi::Tell(const std::string& collection, const std::string& type,
                   const std::string& json) {
  const auto line = fmt::format(R"({{"type":"{}","object":{}}})", type, json) + "\n";
  collections_[collection].changes.push_back({version_, line});
  for (const auto& watch : std::vector<OpenPtr>(watches_)) {
    if (!watch->over && watch->collection == collection) {
      watch->events.on_bytes(line);
    }
  }
}

void FakeApi::Compact() {
  compacted_ = version_;
  for (auto& [name, collection] : collections_) {
    collection.changes.clear();
  }
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
  const auto line =
      R"({"type":"ERROR","object":)" + Refusal(410, "Expired", "too old resource version") + "}\n";
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
      version_);
  for (const auto& watch : std::vector<OpenPtr>(watches_)) {
    if (!watch->over) {
      watch->events.on_bytes(line);
    }
  }
}

int FakeApi::OpenWatches() const {
  return static_cast<int>(std::count_if(watches_.begin(), watches_.end(),
                                        [](const auto& watch) { return !watch->over; }));
}

void FakeApi::FailNext(const std::string& method, const std::string& prefix, Fault fault) {
  faults_.emplace_back(std::pair(method, prefix), std::move(fault));
}

int FakeApi::Count(std::string_view method, std::string_view part_of_target) const {
  return static_cast<int>(std::count_if(seen_.begin(), seen_.end(), [&](const Seen& seen) {
    return seen.method == method && seen.target.find(part_of_target) != std::string::npos;
  }));
}

std::unique_ptr<common::kubernetes::WireCall> FakeApi::Start(
    WireRequest request, common::kubernetes::WireEvents events) {
  seen_.push_back({request.method, request.target, request.headers, executor_.Monotonic()});
  auto open = std::make_shared<Open>();
  open->events = std::move(events);
  executor_.Post([this, open, request = std::move(request)] {
    if (!open->over) {
      Answer(open, request);
    }
  });
  return std::make_unique<Call>(open);
}

bool FakeApi::TakeFault(const OpenPtr& open, const WireRequest& request) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const auto& fault) {
    return fault.first.first == request.method && request.target.starts_with(fault.first.second);
  });
  if (found == faults_.end()) {
    return false;
  }
  const auto fault = found->second;
  faults_.erase(found);
  if (fault.breaks) {
    End(open, common::Fail(std::errc::connection_reset, "the connection broke"));
  } else if (!fault.hangs) {
    Reply(open, fault.status,
          fault.body.empty() ? Refusal(fault.status, "Fault", "as the test wants it") : fault.body,
          fault.headers);
  }
  return true;
}

void FakeApi::Answer(const OpenPtr& open, const WireRequest& request) {
  if (TakeFault(open, request)) {
    return;
  }
  const auto authorization = request.headers.find("Authorization");
  const bool known = authorization != request.headers.end() &&
                     std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& token) {
                       return authorization->second == "Bearer " + token;
                     });
  if (!tokens_.empty() && !known) {
    Reply(open, 401, Refusal(401, "Unauthorized", "Unauthorized"));
    return;
  }
  const auto path = request.target.substr(0, request.target.find('?'));
  const auto collection = collections_.find(path);
  if (collection == collections_.end()) {
    Reply(open, 404, Refusal(404, "NotFound", "there is no " + path));
    return;
  }
  if (request.method != "GET" || !request.headers.contains("User-Agent")) {
    Reply(open, 400, Refusal(400, "BadRequest", "not as clients ask"));
    return;
  }
  const auto query = QueryOf(request.target);
  if (ValueOf(query, "watch") == "1") {
    Watch(open, path, collection->second, query);
  } else {
    List(open, collection->second, query);
  }
}

void FakeApi::List(const OpenPtr& open, const Collection& collection,
                   const std::map<std::string, std::string>& query) {
  const auto limit = ValueOf(query, "limit");
  const auto next = ValueOf(query, "continue");
  if (limit.empty()) {
    Reply(open, 400, Refusal(400, "BadRequest", "a list without a limit"));
    return;
  }
  // "VERSION.OFFSET"
  const auto dot = next.find('.');
  const auto version = next.empty() ? version_ : std::stoull(next.substr(0, dot));
  if (version < compacted_) {
    Reply(open, 410, Refusal(410, "Expired", "the continue token is too old"));
    return;
  }
  const auto from = next.empty() ? 0 : std::stoull(next.substr(dot + 1));
  const auto to = std::min<std::uint64_t>(collection.objects.size(), from + std::stoull(limit));
  std::string items;
  std::uint64_t at = 0;
  for (const auto& [key, object] : collection.objects) {
    if (at >= from && at < to) {
      items += (items.empty() ? "" : ",") + object.json;
    }
    ++at;
  }
  const auto token =
      to < collection.objects.size() ? fmt::format(R"(,"continue":"{}.{}")", version, to) : "";
  Reply(open, 200,
        fmt::format(R"({{"kind":"List","metadata":{{"resourceVersion":"{}"{}}},"items":[{}]}})",
                    version, token, items));
}

void FakeApi::Watch(const OpenPtr& open, const std::string& name, const Collection& collection,
                    const std::map<std::string, std::string>& query) {
  const auto from = ValueOf(query, "resourceVersion");
  if (from.empty() || ValueOf(query, "allowWatchBookmarks") != "true" ||
      ValueOf(query, "timeoutSeconds").empty()) {
    Reply(open, 400, Refusal(400, "BadRequest", "a watch without version, bookmarks or end"));
    return;
  }
  const auto version = std::stoull(from);
  if (version < compacted_) {
    Reply(open, 410, Refusal(410, "Expired", "too old resource version"));
    return;
  }
  open->collection = name;
  watches_.push_back(open);
  open->events.on_head(200, {});
  for (const auto& change : collection.changes) {
    if (change.version > version && !open->over) {
      open->events.on_bytes(change.line);
    }
  }
}

void FakeApi::Reply(const OpenPtr& open, int status, const std::string& body,
                    common::http::Headers headers) {
  if (gzip_) {
    headers["content-encoding"] = "gzip";
  }
  const auto sent = gzip_ ? Gzip(body) : body;
  open->events.on_head(status, headers);
  // In two pieces, as the wire may do it.
  const auto half = sent.size() / 2;
  for (const auto& piece : {sent.substr(0, half), sent.substr(half)}) {
    if (!open->over && !piece.empty()) {
      open->events.on_bytes(piece);
    }
  }
  End(open, {});
}

void FakeApi::End(const OpenPtr& open, common::Result<void> result) {
  if (!open->over) {
    open->over = true;
    const auto end = open->events.on_end;
    end(std::move(result));
  }
}

}  // namespace tests

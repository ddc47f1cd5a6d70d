#include "scaler/local/cloud/api.h"

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace scaler::local::cloud {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;
using std::chrono::milliseconds;

constexpr auto kLongestWait = milliseconds(30'000);
constexpr std::size_t kMostWaiters = 256;
constexpr std::string_view kNodes = "/v1/nodes/";

HttpResponse Json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

HttpResponse Words(int status, const std::string& what) {
  return {.status = status, .body = what + "\n"};
}

HttpResponse NotSaved(const common::Error& error) {
  return Words(500, "it cannot be saved: " + error.what);
}

std::optional<std::uint64_t> Number(const HttpRequest& request, const char* key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? std::nullopt : common::ParseUnsigned(found->second);
}

}  // namespace

Api::Api(common::Executor& executor, Cloud& cloud, std::function<common::Result<void>()> commit)
    : executor_(executor), cloud_(cloud), commit_(std::move(commit)) {}

Now Api::Time() const { return {executor_.Monotonic(), executor_.Wall()}; }

void Api::Handle(const HttpRequest& request, Reply reply) {
  if (request.path == "/v1/nodes" && request.method == "GET") {
    List(request, std::move(reply));
  } else if (request.path == "/v1/orders" && request.method == "POST") {
    Order(request.body, reply);
  } else if (request.path.starts_with(kNodes) && request.method == "DELETE") {
    Remove(request.path.substr(kNodes.size()), reply);
  } else if (request.path == "/v1/mischief" && request.method == "POST") {
    DoMischief(request.body, reply);
  } else {
    Answer(reply, Words(404, request.method + " " + request.path + ": there is no such thing"));
  }
}

void Api::List(const HttpRequest& request, Reply reply) {
  const auto after = Number(request, "after");
  const auto wait = milliseconds(std::min<std::uint64_t>(
      Number(request, "wait").value_or(0), static_cast<std::uint64_t>(kLongestWait.count())));
  // Unequal, not larger: whoever has seen a later state than ours must learn of it.
  const bool is_new = !after || static_cast<std::int64_t>(*after) != CurrentList().revision;
  if (is_new || wait == milliseconds(0) || waiters_.size() >= kMostWaiters) {
    AnswerList(reply);
    return;
  }
  const auto id = next_++;
  auto& waiter = waiters_[id];
  waiter.reply = std::move(reply);
  waiter.after = static_cast<std::int64_t>(*after);
  waiter.deadline = executor_.After(wait, [this, id] {
    const auto due = waiters_.extract(id);
    AnswerList(due.mapped().reply);
  });
}

void Api::Changed() {
  if (!cloud_.ListIsStale()) {
    stale_.reset();
  } else if (!stale_) {
    stale_ = cloud_.List(Time());
  }
  const auto revision = CurrentList().revision;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const auto current = waiter++;
    if (current->second.after != revision) {
      const auto due = waiters_.extract(current);
      AnswerList(due.mapped().reply);
    }
  }
}

Listing Api::CurrentList() { return stale_ ? *stale_ : cloud_.List(Time()); }

void Api::AnswerList(const Reply& reply) { Answer(reply, Json(200, Encode(CurrentList()))); }

void Api::Order(const std::string& body, const Reply& reply) {
  const auto order = DecodeOrder(body);
  if (!order) {
    Answer(reply, Words(400, order.error().what));
    return;
  }
  const auto refusal = cloud_.Add(*order, Time());
  if (const auto saved = commit_(); !saved) {
    Answer(reply, NotSaved(saved.error()));
  } else if (refusal) {
    Answer(reply, Json(409, Encode(*refusal)));
  } else {
    Answer(reply, Json(200, "{}"));
  }
}

void Api::Remove(const std::string& node, const Reply& reply) {
  cloud_.Remove(node, Time());
  const auto saved = commit_();
  Answer(reply, saved ? Json(200, "{}") : NotSaved(saved.error()));
}

void Api::DoMischief(const std::string& body, const Reply& reply) {
  // Answered without delay: whoever makes trouble must be able to end it.
  const auto done = DecodeMischief(body).and_then(
      [&](const Mischief& mischief) { return cloud_.Do(mischief, Time()); });
  const auto saved = commit_();
  if (!done) {
    reply(Words(400, done.error().what));
  } else {
    reply(saved ? Json(200, "{}") : NotSaved(saved.error()));
  }
}

void Api::Answer(const Reply& reply, HttpResponse response) {
  const auto delay = cloud_.AnswerDelay();
  if (delay == milliseconds(0)) {
    reply(std::move(response));
    return;
  }
  const auto id = next_++;
  delayed_[id] = executor_.After(delay, [this, id, reply, response = std::move(response)] {
    const auto timer = delayed_.extract(id);
    reply(response);
  });
}

}  // namespace scaler::local::cloud

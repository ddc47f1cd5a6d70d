#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "common/json_writer.h"
#include "common/kubernetes/object.h"
#include "common/log.h"
#include "scaler/kubernetes/leadership/at_rest.h"
#include "scaler/kubernetes/leadership/checkpoint.h"
#include "scaler/kubernetes/leadership/checkpoint_object.h"
#include "scaler/kubernetes/leadership/shards.h"

// The reading half of Checkpoint, and the form of its objects.
namespace scaler::kubernetes::leadership {
namespace {

using common::kubernetes::ObjectView;
using common::kubernetes::Outcome;
using common::kubernetes::Priority;
using common::kubernetes::Request;

constexpr int kPage = 8;

common::Result<engine::Time> TrueUntil(std::string_view index) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::int64_t until = 0;
  if (parser.parse(simdjson::padded_string(index)).get(document) != simdjson::SUCCESS ||
      document["true_until_ms"].get(until) != simdjson::SUCCESS) {
    return common::Fail(std::errc::bad_message, "it is no index");
  }
  return engine::Time(engine::Duration(until));
}

}  // namespace

Checkpoint::Checkpoint(common::Executor& executor, common::kubernetes::Client& client,
                       CheckpointOptions options)
    : executor_(executor),
      client_(client),
      options_(std::move(options)),
      shards_(options_.shards + 2) {}

std::string Checkpoint::NameOf(std::size_t place) const {
  if (place == NodesPlace()) {
    return options_.name + "-nodes";
  }
  return place == IndexPlace() ? options_.name + "-index"
                               : fmt::format("{}-{:02}", options_.name, place);
}

std::string Checkpoint::Target(const std::string& name) const {
  const auto path = CheckpointsOf(options_.name_space);
  return name.empty() ? path : path + "/" + name;
}

std::string Checkpoint::Body(std::size_t place, const std::string& packed) const {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("apiVersion").String("v1");
  json.Key("kind").String("ConfigMap");
  json.Key("metadata").BeginObject();
  json.Key("name").String(NameOf(place));
  json.Key("namespace").String(options_.name_space);
  if (!shards_[place].version.empty()) {
    json.Key("resourceVersion").String(shards_[place].version);
  }
  json.Key("labels").BeginObject();
  json.Key("app.kubernetes.io/name").String("trimtab-scaler");
  json.Key("app.kubernetes.io/part-of").String("trimtab");
  json.Key("app.kubernetes.io/managed-by").String("trimtab-scaler");
  json.Key("trimtab.io/checkpoint").String("scaler");
  json.EndObject().EndObject();
  json.Key("binaryData").BeginObject().Key(kCheckpointEntry).String(packed).EndObject();
  json.EndObject();
  return json.Take();
}

void Checkpoint::Read(engine::Time now, std::function<void(loop::Legacy)> done) {
  not_after_ = now + kAheadAtMost;
  read_ = {};
  true_until_.reset();
  read_done_ = std::move(done);
  read_timer_ = executor_.After(options_.read_within, [this] {
    common::log::Warning("the checkpoint cannot be read in time; going on with what is known");
    EndRead();
  });
  ReadPage("");
}

void Checkpoint::ReadPage(const std::string& next) {
  Request request;
  request.target = fmt::format("{}?{}&limit={}{}", Target(""), kCheckpointSelector, kPage,
                               next.empty() ? "" : "&continue=" + next);
  request.priority = Priority::kRead;
  request.deadline = options_.read_within;
  reading_ = client_.Send(std::move(request), [this](const Outcome<std::string>& outcome) {
    if (!outcome) {
      common::log::Warning("the checkpoint cannot be read; going on with what is known",
                           {{"why", outcome.error().message}});
      EndRead();
      return;
    }
    const auto page = common::kubernetes::ReadPage(*outcome, [this](const ObjectView& object) {
      TakeObject(object.json, object.name, object.resource_version);
    });
    if (page && !page->next.empty()) {
      ReadPage(page->next);
    } else {
      EndRead();
    }
  });
}

void Checkpoint::TakeObject(std::string_view json, std::string_view name,
                            std::string_view version) {
  for (std::size_t place = 0; place < shards_.size(); ++place) {
    if (NameOf(place) == name) {
      shards_[place].version = version;
    }
  }
  const auto taken =
      CheckpointText(json, options_.largest_text_bytes * 2).and_then([&](const std::string& text) {
        return TakeText(name, text);
      });
  if (!taken) {
    common::log::Warning("a part of the checkpoint cannot be used",
                         {{"shard", std::string(name)}, {"why", taken.error().what}});
  }
}

common::Result<void> Checkpoint::TakeText(std::string_view name, const std::string& text) {
  if (text.empty()) {
    return {};
  }
  if (name == NameOf(IndexPlace())) {
    return WithoutHeader(text).and_then(TrueUntil).map(
        [&](engine::Time until) { true_until_ = until; });
  }
  if (name == NameOf(NodesPlace())) {
    return DecodeNodes(text, not_after_).map([&](codec::CapacityMemory nodes) {
      read_.nodes = std::move(nodes);
    });
  }
  auto content = DecodeShard(text, not_after_);
  if (!content) {
    return tl::make_unexpected(content.error());
  }
  const auto all = content->broken + content->known.size();
  read_.workloads.merge(content->known);
  if (content->broken > 0) {
    return common::Fail(std::errc::bad_message, fmt::format("{} of {} states: {}", content->broken,
                                                            all, content->first_problem));
  }
  return {};
}

void Checkpoint::EndRead() {
  read_timer_.reset();
  if (true_until_ && *true_until_ <= not_after_) {
    for (auto& [workload, known] : read_.workloads) {
      if (known.seen < *true_until_) {
        known.state = AtRest(std::move(known.state), known.seen);
        known.seen = *true_until_;
        MoveOn(known.seen, known.state);
      }
    }
  }
  // The call that is running may be the pending one's own.
  executor_.Post([reading = std::shared_ptr<common::kubernetes::Pending>(std::move(reading_))] {});
  if (const auto done = std::exchange(read_done_, nullptr)) {
    done(std::exchange(read_, {}));
  }
}

}  // namespace scaler::kubernetes::leadership

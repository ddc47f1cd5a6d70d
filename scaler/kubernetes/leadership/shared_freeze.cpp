#include "scaler/kubernetes/leadership/shared_freeze.h"

#include <simdjson.h>

#include <utility>

#include "common/json_writer.h"
#include "common/log.h"
#include "common/rfc3339.h"
#include "scaler/kubernetes/leadership/gated_transport.h"

namespace scaler::kubernetes::leadership {
namespace {

constexpr const char* kFrozen = "trimtab.io/frozen";
constexpr const char* kSince = "trimtab.io/frozen-since";

/// Somebody waits at a terminal.
constexpr auto kTurnWithin = std::chrono::seconds(4);

/// As large as an annotation may be is more than anybody reads.
constexpr std::size_t kLongestReason = 1024;

std::string Patch(const std::optional<loop::Freeze>& freeze) {
  common::JsonWriter json;
  json.BeginObject().Key("metadata").BeginObject().Key("annotations").BeginObject();
  json.Key(kFrozen);
  freeze ? json.String(freeze->reason.substr(0, kLongestReason)) : json.Null();
  json.Key(kSince);
  freeze ? json.String(common::FormatRfc3339(freeze->since)) : json.Null();
  return json.EndObject().EndObject().EndObject().Take();
}

}  // namespace

SharedFreeze::SharedFreeze(common::kubernetes::Client& client, const common::Clock& clock,
                           loop::FreezeSwitch& own, const std::string& name_space,
                           const std::string& lease, std::function<void()> changed)
    : client_(client),
      clock_(clock),
      own_(own),
      target_(LeasesOf(name_space) + "/" + lease),
      changed_(std::move(changed)) {}

SharedFreeze::~SharedFreeze() {
  End(common::Fail(std::errc::operation_canceled, "the scaler ends"));
}

std::optional<SharedFreeze::Words> SharedFreeze::Read(std::string_view lease) {
  simdjson::dom::parser parser;
  simdjson::dom::element top;
  simdjson::dom::object annotations;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(lease)).get(top) != simdjson::SUCCESS ||
      top["metadata"]["annotations"].get(annotations) != simdjson::SUCCESS ||
      annotations[kFrozen].get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  Words words;
  words.reason = text.empty() ? "no reason was given" : text.substr(0, kLongestReason);
  if (annotations[kSince].get(text) == simdjson::SUCCESS) {
    words.since = text;
  }
  return words;
}

/// What has not changed is not followed: an answer that was on its way while the switch was turned
/// here would turn it back.
void SharedFreeze::Saw(std::string_view lease) {
  auto words = Read(lease);
  if (std::exchange(has_seen_, true) && words == seen_) {
    return;
  }
  seen_ = std::move(words);
  Follow(seen_);
}

void SharedFreeze::Follow(const std::optional<Words>& words) {
  const auto before = own_.Get();
  if (!words) {
    if (before) {
      common::log::Warning("unfrozen: decisions are acted on again");
      (void)own_.Clear();  // What is left of it is read at a start, and then the Lease is, too.
      changed_();
    }
    return;
  }
  const auto since = common::ParseRfc3339(words->since);
  if (!before || before->reason != words->reason) {
    common::log::Warning("frozen: nothing is written any more", {{"reason", words->reason}});
  }
  (void)own_.Set({words->reason, since ? *since : clock_.Wall()});  // Kept by the Lease anyway.
  changed_();
}

void SharedFreeze::Write(const std::optional<loop::Freeze>& freeze, Done done) {
  End(common::Fail(std::errc::operation_canceled, "somebody else turns the switch meanwhile"));
  done_ = std::move(done);
  common::kubernetes::Request request;
  request.method = "PATCH";
  request.target = target_;
  request.body = Patch(freeze);
  request.content_type = "application/merge-patch+json";
  request.priority = common::kubernetes::Priority::kLease;
  request.deadline = kTurnWithin;
  pending_ = client_.Send(std::move(request), [this](const auto& outcome) {
    End(outcome ? common::Result<void>()
                : common::Fail(std::errc::io_error, outcome.error().message));
  });
}

void SharedFreeze::End(common::Result<void> result) {
  if (const auto done = std::exchange(done_, nullptr)) {
    done(std::move(result));
  }
}

}  // namespace scaler::kubernetes::leadership

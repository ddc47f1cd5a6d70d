#include "scaler/kubernetes/workloads/discovery.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "common/kubernetes/json_fields.h"

namespace scaler::kubernetes::workloads {
namespace {

namespace json = common::kubernetes::json;
namespace ondemand = simdjson::ondemand;

using common::kubernetes::Outcome;
using common::kubernetes::Request;

constexpr int kNotFound = 404;
constexpr auto kAskEvery = std::chrono::seconds(60);
constexpr auto kAskAgain = std::chrono::seconds(5);

}  // namespace

std::vector<ServedResource> ReadResources(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value top;
  std::vector<ServedResource> resources;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(top) != simdjson::SUCCESS) {
    return resources;
  }
  std::vector<std::string> scales;
  json::EachField(top, [&](std::string_view key, ondemand::value list) {
    if (key != "resources") {
      return;
    }
    json::EachItem(list, [&](ondemand::value item) {
      std::string name;
      std::string kind;
      json::EachField(item, [&](std::string_view field, ondemand::value value) {
        if (field == "name") {
          name = json::TextOf(value);
        } else if (field == "kind") {
          kind = json::TextOf(value);
        }
      });
      const auto slash = name.find('/');
      if (slash == std::string::npos) {
        resources.push_back({name, kind, false});
      } else if (name.substr(slash) == "/scale") {
        scales.push_back(name.substr(0, slash));
      }
    });
  });
  for (auto& resource : resources) {
    resource.has_scale = std::find(scales.begin(), scales.end(), resource.plural) != scales.end();
  }
  return resources;
}

GroupProbe::GroupProbe(common::Executor& executor, common::kubernetes::Client& client,
                       std::string group_version)
    : executor_(executor), client_(client), group_version_(std::move(group_version)) {}

void GroupProbe::Start(Served on_served, std::function<void()> on_answered) {
  on_served_ = std::move(on_served);
  on_answered_ = std::move(on_answered);
  Ask();
}

void GroupProbe::Ask() {
  Request request;
  request.target = "/apis/" + group_version_;
  pending_ = client_.Send(std::move(request),
                          [this](const Outcome<std::string>& answer) { OnAnswer(answer); });
}

void GroupProbe::OnAnswer(const Outcome<std::string>& answer) {
  const bool absent = !answer && answer.error().status == kNotFound;
  const bool known = answer || absent;
  problem_ = known ? "" : answer.error().message;
  // Before anything that on_served does: it may stop us.
  again_ = executor_.After(known ? std::chrono::seconds(kAskEvery) : kAskAgain, [this] { Ask(); });
  if (answer) {
    on_served_(ReadResources(*answer));
  }
  if (known && !std::exchange(answered_, true)) {
    on_answered_();
  }
}

}  // namespace scaler::kubernetes::workloads

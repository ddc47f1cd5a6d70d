#include "scaler/policy/importer/import.h"

#include <fmt/format.h>

#include <utility>

#include "common/yaml/parse.h"
#include "scaler/policy/importer/pieces.h"
#include "scaler/policy/read.h"

namespace scaler::policy::importer {
namespace {

using common::yaml::Problem;
using common::yaml::Problems;
using common::yaml::Value;
using document::Node;

void Append(const Problems& problems, std::vector<Problem>& all) {
  const auto sorted = problems.Sorted();
  all.insert(all.end(), sorted.begin(), sorted.end());
}

/// A policy that our own reader refuses is none: what it says is about the object's values.
void Check(const Node& policy, const Value& object, const std::string& file, Import& import) {
  Problems problems(file);
  (void)ReadText(ToYaml(policy), problems);
  for (const auto& problem : problems.Sorted()) {
    import.problems.push_back(
        {.file = file,
         .at = object.At(),
         .path = {},
         .what = fmt::format("makes no good policy: {}: {}", problem.path, problem.what),
         .suggestion = {}});
  }
  if (problems.Empty()) {
    import.policies.push_back(policy);
  }
}

bool ImportKind(const Value& object, const std::string& version, const std::string& kind,
                Job& job) {
  if (kind == "HorizontalPodAutoscaler" && version.starts_with("autoscaling/")) {
    return ImportHpa(object, version == "autoscaling/v1", job);
  }
  if (kind == "ScaledObject" && version.starts_with("keda.sh/")) {
    return ImportScaledObject(object, job);
  }
  job.left_out->Add(object.At(), "kind",
                    fmt::format("expected HorizontalPodAutoscaler or ScaledObject, found {} {}",
                                version.substr(0, 64), kind.substr(0, 64)));
  return false;
}

void ImportObject(const Value& object, const std::string& file, Import& import) {
  const auto version = FindText(object, "apiVersion");
  const auto kind = FindText(object, "kind");
  if (kind == "List") {
    if (const auto items = Find(object, "items")) {
      for (const auto& item : items->List()) {
        ImportObject(item, file, import);
      }
    }
    return;
  }
  Problems left_out(file);
  Job job{.spec = {}, .signals = {}, .left_out = &left_out};
  if (!ImportKind(object, version, kind, job)) {
    Append(left_out, import.problems);
    return;
  }
  Append(left_out, import.left_out);
  if (!job.signals.IsNull()) {
    job.spec.Set("signals", std::move(job.signals));
  }
  auto policy = Head(object);
  policy.Set("spec", std::move(job.spec));
  Check(policy, object, file, import);
}

}  // namespace

Import ImportText(std::string_view text, const std::string& file) {
  Import import;
  Problems problems(file);
  const auto documents = common::yaml::ParseText(text, problems);
  if (problems.Empty()) {
    for (const auto& document : documents) {
      ImportObject(document, file, import);
    }
  }
  Append(problems, import.problems);
  return import;
}

}  // namespace scaler::policy::importer

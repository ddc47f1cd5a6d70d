#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "common/clock.h"
#include "exporters/http_handler.h"
#include "scaler/local/cloud/state.h"

/// What the metadata services of the clouds answer of a node. Pure: time is an argument.
namespace scaler::local::cloud {

/// AWS: IMDSv2 alone, as an instance with HttpTokens=required has it.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
class AwsMetadata {
 public:
  [[nodiscard]] exporters::HttpResponse Answer(const exporters::HttpRequest& request,
                                               const Node& node, common::MonotonicTime now);

 private:
  [[nodiscard]] exporters::HttpResponse GiveToken(const exporters::HttpRequest& request,
                                                  common::MonotonicTime now);
  /// How long the request's token is still good for; nothing where it has no good one.
  [[nodiscard]] std::optional<std::chrono::seconds> TokenLeft(const exporters::HttpRequest& request,
                                                              common::MonotonicTime now) const;

  std::map<std::string, common::MonotonicTime> tokens_;  ///< Good until.
};

/// What a question of GCP's service comes to.
struct GcpAnswer {
  exporters::HttpResponse response;
  /// The asker wants the answer only once it differs from this one, or after `patience`.
  bool waits = false;
  std::chrono::milliseconds patience{0};
};

/// GCP. https://cloud.google.com/compute/docs/metadata/querying-metadata
[[nodiscard]] GcpAnswer AnswerAsGcp(const exporters::HttpRequest& request, const Node& node);

struct AzureAnswer {
  exporters::HttpResponse response;
  bool acknowledged = false;  ///< The node is ready to be taken.
};

/// Azure's scheduled events.
/// https://learn.microsoft.com/azure/virtual-machines/linux/scheduled-events
[[nodiscard]] AzureAnswer AnswerAsAzure(const exporters::HttpRequest& request, const Node& node);

}  // namespace scaler::local::cloud

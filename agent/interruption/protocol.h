#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/interruption/notice.h"
#include "common/clock.h"
#include "common/http/client.h"
#include "common/result.h"

namespace agent::interruption {

enum class Provider { kAws, kGcp, kAzure };

struct Request {
  std::string method = "GET";
  std::string target;
  common::http::Headers headers = {};
};

/// Asks the metadata service once, with a deadline.
using Ask = std::function<common::Result<common::http::Response>(const Request&)>;

/// How one cloud tells a node what will become of it. What it keeps between two looks (a token) is
/// its own. Not thread-safe.
class Protocol {
 public:
  Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;
  virtual ~Protocol() = default;

  /// One look. Fails with what `ask` fails with, and with bad_message where an answer is not of
  /// this protocol: garbage is no notice, and no word that there is none.
  [[nodiscard]] virtual common::Result<std::vector<Sighting>> Look(const Ask& ask,
                                                                   common::MonotonicTime now) = 0;
};

[[nodiscard]] std::unique_ptr<Protocol> MakeProtocol(Provider provider);

// --- what answers mean: pure -------------------------------------------------------------------

/// AWS' spot/instance-action: {"action": "terminate", "time": "2017-09-18T08:22:00Z"}.
[[nodiscard]] common::Result<Sighting> ParseAwsAction(std::string_view body);
/// AWS' events/recommendations/rebalance: {"noticeTime": "2020-10-27T08:22:00Z"}.
[[nodiscard]] common::Result<Sighting> ParseAwsRebalance(std::string_view body);
/// AWS' events/maintenance/scheduled: a list, of which the active ones count.
[[nodiscard]] common::Result<std::vector<Sighting>> ParseAwsMaintenance(std::string_view body);

/// GCP's instance/preempted: TRUE or FALSE. The node ends within 30 s of TRUE.
[[nodiscard]] common::Result<std::vector<Sighting>> ParseGcpPreempted(std::string_view body);
/// GCP's instance/maintenance-event. A live migration is no notice: the node stays.
[[nodiscard]] common::Result<std::vector<Sighting>> ParseGcpMaintenance(std::string_view body);

/// Azure's scheduled events, of which those of the machine `name` count (of all machines, where it
/// is empty). A freeze of some seconds is no notice.
[[nodiscard]] common::Result<std::vector<Sighting>> ParseAzureEvents(std::string_view body,
                                                                     const std::string& name);

}  // namespace agent::interruption

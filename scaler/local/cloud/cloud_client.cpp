#include "scaler/local/cloud/cloud_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/log.h"

namespace scaler::local::cloud {
namespace {

using common::Result;
using platform::Refusal;

/// What the cloud's answer to an order or a removal means.
std::optional<Refusal> ToRefusal(const Result<UnixAnswer>& answer) {
  if (!answer) {
    return Refusal{Refusal::Why::kFailed, answer.error().what};
  }
  if (answer->status == 200) {
    return std::nullopt;
  }
  if (answer->status == 409) {
    if (auto refusal = DecodeRefusal(answer->body)) {
      return std::move(*refusal);
    }
  }
  return Refusal{Refusal::Why::kFailed,
                 fmt::format("the cloud answers {}: {}", answer->status, answer->body)};
}

}  // namespace

CloudClient::CloudClient(common::IoLoop& loop, std::filesystem::path socket, ClientOptions options)
    : loop_(loop), socket_(std::move(socket)), options_(options) {
  view_.problem = "the cloud at " + socket_.string() + " has not answered yet";
  Watch();
}

CloudClient::~CloudClient() = default;

void CloudClient::Watch() {
  retry_.reset();
  const auto target =
      revision_ ? fmt::format("/v1/nodes?after={}&wait={}", *revision_, options_.wait.count())
                : std::string("/v1/nodes");
  watch_ = CallUnix(loop_.Context(), socket_, "GET", target, "", options_.wait + options_.patience,
                    [this](const Result<UnixAnswer>& answer) { OnNews(answer); });
}

void CloudClient::OnNews(const Result<UnixAnswer>& answer) {
  if (!answer) {
    TryAgainLater(answer.error().what);
    return;
  }
  auto listing = answer->status == 200 ? DecodeListing(answer->body)
                                       : common::Fail(std::errc::bad_message,
                                                      fmt::format("it answers {}", answer->status));
  if (!listing) {
    TryAgainLater(listing.error().what);
    return;
  }
  const bool is_new = !revision_ || *revision_ != listing->revision || !view_.problem.empty();
  revision_ = listing->revision;
  accounts_ = std::move(listing->accounts);
  view_.nodes.clear();
  for (auto& listed : listing->nodes) {
    view_.nodes.push_back(std::move(listed.node));
  }
  view_.offers = std::move(listing->offers);
  view_.seen_at = loop_.Monotonic();
  view_.problem.clear();
  if (std::exchange(failures_, 0) > 0) {
    common::log::Info("the cloud answers again", {{"socket", socket_.string()}});
  }
  // Not here: the call whose answer this is has not returned.
  retry_ = loop_.After(std::chrono::milliseconds(0), [this] { Watch(); });
  if (is_new) {
    changed_();
  }
}

void CloudClient::TryAgainLater(const std::string& why) {
  revision_.reset();  // The next answer is to come at once, news or not.
  const auto doublings = std::min(failures_++, 10);
  const auto delay = std::min(options_.longest_retry, options_.first_retry * (1 << doublings));
  retry_ = loop_.After(delay, [this] { Watch(); });
  const auto problem = "the cloud does not answer: " + why;
  if (problem != view_.problem) {
    view_.problem = problem;
    common::log::Warning("the cloud does not answer", {{"why", why}});
    changed_();
  }
}

void CloudClient::Add(const platform::NodeOrder& order, Done done) {
  Ask("POST", "/v1/orders", Encode(order), std::move(done));
}

void CloudClient::Remove(const std::string& node, Done done) {
  // What is no name of a node would be another question.
  const bool is_name =
      !node.empty() && std::all_of(node.begin(), node.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '-' || letter == '.';
      });
  if (!is_name) {
    done(Refusal{Refusal::Why::kFailed, "'" + node + "' is no name of a node"});
    return;
  }
  Ask("DELETE", "/v1/nodes/" + node, "", std::move(done));
}

void CloudClient::Ask(const std::string& method, const std::string& target, const std::string& body,
                      Done done) {
  const auto id = next_++;
  calls_[id] = CallUnix(loop_.Context(), socket_, method, target, body, options_.deadline,
                        [this, id, done = std::move(done)](const Result<UnixAnswer>& answer) {
                          const auto ended = calls_.extract(id);
                          done(ToRefusal(answer));
                        });
}

}  // namespace scaler::local::cloud

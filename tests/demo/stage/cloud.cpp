#include "tests/demo/stage/cloud.h"

#include "common/io_loop.h"
#include "scaler/local/cloud/unix_call.h"
#include "scaler/local/cloud/wire.h"

namespace demo {
namespace {

namespace cloud = scaler::local::cloud;
using common::Result;

constexpr auto kCloudDeadline = std::chrono::seconds(3);

}  // namespace

Result<std::string> Cloud::Ask(const std::string& method, const std::string& target,
                               const std::string& body) const {
  common::IoLoop loop;
  Result<std::string> result;
  const auto call = cloud::CallUnix(loop.Context(), socket_, method, target, body, kCloudDeadline,
                                    [&](const Result<cloud::UnixAnswer>& answer) {
                                      if (!answer) {
                                        result = tl::make_unexpected(answer.error());
                                      } else if (answer->status != 200) {
                                        result = common::Fail(std::errc::io_error, answer->body);
                                      } else {
                                        result = answer->body;
                                      }
                                      loop.Stop();
                                    });
  loop.Run();
  return result.map_error([](common::Error error) {
    error.what = "trimtab-local-cloud: " + error.what;
    return error;
  });
}

Result<CloudView> Cloud::List() const {
  return Ask("GET", "/v1/nodes", "").and_then(cloud::DecodeListing).map([](const auto& listing) {
    CloudView view;
    for (const auto& listed : listing.nodes) {
      const auto& node = listed.node;
      view.nodes.push_back(
          {node.name, node.pool, node.zone, node.type == cloud::CapacityType::kSpot,
           node.state == scaler::platform::ProvidedNode::State::kRunning, node.ordered_at});
    }
    for (const auto& account : listing.accounts) {
      view.accounts[account.pool] = {account.node_seconds, account.cost};
    }
    return view;
  });
}

Result<void> Cloud::Reclaim(const std::string& node, std::chrono::milliseconds notice) const {
  cloud::Mischief mischief;
  mischief.what = cloud::Mischief::What::kReclaim;
  mischief.node = node;
  mischief.after = notice;
  return Ask("POST", "/v1/mischief", cloud::Encode(mischief)).map([](const std::string&) {});
}

Result<void> Cloud::StockOut(const std::string& pool, std::chrono::milliseconds length) const {
  cloud::Mischief mischief;
  mischief.what = cloud::Mischief::What::kTrouble;
  mischief.kind = cloud::Trouble::Kind::kStockOut;
  mischief.pool = pool;
  mischief.after = length;
  return Ask("POST", "/v1/mischief", cloud::Encode(mischief)).map([](const std::string&) {});
}

}  // namespace demo

#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/io_loop.h"
#include "scaler/local/cloud/unix_call.h"
#include "scaler/local/cloud/wire.h"
#include "scaler/platform/node_provider.h"

namespace scaler::local::cloud {

struct ClientOptions {
  /// The cloud answers a question for news after so long, whether there is some or not.
  std::chrono::milliseconds wait{2000};
  /// Of a question for news, beyond `wait`: after it the view is said to be old.
  std::chrono::milliseconds patience{3000};
  std::chrono::milliseconds deadline{10'000};  ///< Of orders and removals.
  std::chrono::milliseconds first_retry{100};
  std::chrono::milliseconds longest_retry{2000};
};

/// The emulated cloud of this machine, as the loop sees any provider. Keeps asking for news; while
/// the cloud does not answer, its last word stays, with a `problem`.
class CloudClient final : public platform::NodeProvider {
 public:
  CloudClient(common::IoLoop& loop, std::filesystem::path socket, ClientOptions options = {});
  ~CloudClient() override;

  [[nodiscard]] platform::ProviderView List() const override { return view_; }
  void Add(const platform::NodeOrder& order, Done done) override;
  void Remove(const std::string& node, Done done) override;
  void OnChange(std::function<void()> changed) override { changed_ = std::move(changed); }

  /// What the nodes have cost since the cloud's first start, by pool, as of the last news.
  [[nodiscard]] const std::vector<Account>& Accounts() const { return accounts_; }

 private:
  void Watch();
  void OnNews(const common::Result<UnixAnswer>& answer);
  void TryAgainLater(const std::string& why);
  void Ask(const std::string& method, const std::string& target, const std::string& body,
           Done done);

  common::IoLoop& loop_;
  std::filesystem::path socket_;
  ClientOptions options_;
  platform::ProviderView view_;
  std::vector<Account> accounts_;
  std::optional<std::int64_t> revision_;
  int failures_ = 0;
  std::function<void()> changed_ = [] {};
  std::unique_ptr<common::Timer> retry_;
  std::unique_ptr<UnixCall> watch_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::unique_ptr<UnixCall>> calls_;
};

}  // namespace scaler::local::cloud

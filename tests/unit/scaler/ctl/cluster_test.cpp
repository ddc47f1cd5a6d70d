#include "scaler/ctl/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace scaler::ctl {
namespace {

using common::kubernetes::Outcome;
using common::kubernetes::Refused;
using common::kubernetes::Request;
using ::testing::HasSubstr;

constexpr const char* kLease =
    "/apis/coordination.k8s.io/v1/namespaces/trimtab/leases/trimtab-scaler";
constexpr const char* kSecret = "/api/v1/namespaces/trimtab/secrets/trimtab-tokens";

/// An API server with a few answers; the rest it refuses with 404.
class Api {
 public:
  void Answer(const std::string& target, const std::string& body) { answers_[target] = body; }
  void Refuse(const std::string& target, int status, const std::string& message) {
    refusals_[target] = {status, "", message};
  }

  AskApi Asker() {
    return [this](Request request) -> Outcome<std::string> {
      seen_.push_back(request);
      if (const auto found = answers_.find(request.target); found != answers_.end()) {
        return found->second;
      }
      const auto refused = refusals_.find(request.target);
      return tl::make_unexpected(refused == refusals_.end()
                                     ? Refused{404, "NotFound", "GET " + request.target + ": 404"}
                                     : refused->second);
    };
  }

  [[nodiscard]] const Request& Last() const { return seen_.back(); }
  [[nodiscard]] std::size_t Count() const { return seen_.size(); }

 private:
  std::map<std::string, std::string> answers_;
  std::map<std::string, Refused> refusals_;
  std::vector<Request> seen_;
};

TEST(ClusterScaler, AsksThePodThatHoldsTheLeaseWithTheTokenOfTheSecret) {
  Api api;
  api.Answer(kLease, R"({"spec":{"holderIdentity":"trimtab-scaler-7d_0a1b"}})");
  api.Answer(kSecret, R"({"data":{"token":"c2VjcmV0LW9mLXRoZS10ZXN0Cg=="}})");
  const std::string proxy = "/api/v1/namespaces/trimtab/pods/https:trimtab-scaler-7d:9106/proxy";
  api.Answer(proxy + "/api/v1/status", "{}");
  ClusterScaler scaler(api.Asker(), "trimtab", "");
  const auto answer = scaler.Ask("/api/v1/status", "GET", "");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(*answer, "{}");
  EXPECT_EQ(api.Last().headers.at("Trimtab-Token"), "secret-of-the-test");
  const auto asked = api.Count();
  (void)scaler.Ask("/api/v1/status", "GET", "");
  EXPECT_EQ(api.Count(), asked + 1) << "what was found is kept";
}

TEST(ClusterScaler, AsksTheServiceWhereThereIsNoLease) {
  Api api;
  const std::string proxy = "/api/v1/namespaces/own/services/https:trimtab-scaler:9106/proxy";
  api.Answer(proxy + "/api/v1/freeze", "{}");
  ClusterScaler scaler(api.Asker(), "own", "given");
  ASSERT_TRUE(scaler.Ask("/api/v1/freeze", "POST", "{\"reason\":\"x\"}"));
  EXPECT_EQ(api.Last().method, "POST");
  EXPECT_EQ(api.Last().body, "{\"reason\":\"x\"}");
  EXPECT_EQ(api.Last().headers.at("Trimtab-Token"), "given");
}

TEST(ClusterScaler, SaysWhatToDoWhereItIsRefused) {
  Api api;
  api.Answer(kLease, R"({"spec":{"holderIdentity":"p_u"}})");
  api.Refuse(kSecret, 403, "GET secrets: 403 forbidden");
  const std::string target = "/api/v1/namespaces/trimtab/pods/https:p:9106/proxy/api/v1/status";
  const std::vector<std::pair<int, std::string>> hints = {
      {401,
       "The scaler's token is unknown (GET secrets: 403 forbidden); give it with --token-file"},
      {403, "needs the Role trimtab-ask"},
      {404, "Name its own with --namespace"},
      {503, "Does trimtab-scaler run in the namespace trimtab?"},
      {0, "no answer"}};
  for (const auto& [status, hint] : hints) {
    api.Refuse(target, status, "no answer");
    const auto answer = ClusterScaler(api.Asker(), "trimtab", "").Ask("/api/v1/status", "GET", "");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().what, HasSubstr(hint)) << status;
  }
}

TEST(ClusterScaler, GivesUpWhereTheServerCannotBeReached) {
  Api api;
  api.Refuse(kLease, 0, "GET lease: connection refused");
  const auto answer = ClusterScaler(api.Asker(), "trimtab", "").Ask("/api/v1/status", "GET", "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, "GET lease: connection refused");
}

TEST(ClusterConnection, SaysWhichKubeconfigIsMissing) {
  ClusterOptions options;
  options.kubeconfig = FIXTURES_DIR "/no-such-kubeconfig";
  options.context = "prod";
  const auto opened = ClusterConnection::Open(options);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().what, HasSubstr("no-such-kubeconfig"));
}

}  // namespace
}  // namespace scaler::ctl

#include "scaler/ctl/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
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
  /// Waits without waiting; what happens meanwhile is `meanwhile`.
  ClusterScaler::Waiting Waiting(std::function<void()> meanwhile = [] {}) {
    return {[this, meanwhile = std::move(meanwhile)](auto time) {
              waited_ += time;
              meanwhile();
            },
            [this](const auto& text) { said_.push_back(text); }};
  }
  [[nodiscard]] std::chrono::milliseconds Waited() const { return waited_; }
  [[nodiscard]] const std::vector<std::string>& Said() const { return said_; }

  void Answer(const std::string& target, const std::string& body) { answers_[target] = body; }
  void Refuse(const std::string& target, int status, const std::string& message) {
    refusals_[target] = {status, "", message};
  }
  /// As the API server itself refuses, and not who is behind it.
  void RefuseItself(const std::string& target, int status, const std::string& reason) {
    answers_.erase(target);
    refusals_[target] = {status, reason, "pods \"p\": " + reason};
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
  std::chrono::milliseconds waited_{};
  std::vector<std::string> said_;
};

TEST(ClusterScaler, AsksThePodThatHoldsTheLeaseWithTheTokenOfTheSecret) {
  Api api;
  api.Answer(kLease, R"({"spec":{"holderIdentity":"trimtab-scaler-7d_0a1b"}})");
  api.Answer(kSecret, R"({"data":{"token":"c2VjcmV0LW9mLXRoZS10ZXN0Cg=="}})");
  const std::string proxy = "/api/v1/namespaces/trimtab/pods/https:trimtab-scaler-7d:9106/proxy";
  api.Answer(proxy + "/api/v1/status", "{}");
  ClusterScaler scaler(api.Asker(), "trimtab", "", api.Waiting());
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
  ClusterScaler scaler(api.Asker(), "own", "given", api.Waiting());
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
    const auto answer =
        ClusterScaler(api.Asker(), "trimtab", "", api.Waiting()).Ask("/api/v1/status", "GET", "");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().what, HasSubstr(hint)) << status;
  }
}

TEST(ClusterScaler, WaitsForTheNextLeaderWhereThePodOfTheLastIsGone) {
  for (const auto& [status, reason] :
       {std::pair(404, "NotFound"), std::pair(503, "ServiceUnavailable")}) {
    Api api;
    api.Answer(kLease, R"({"spec":{"holderIdentity":"old_u"}})");
    api.RefuseItself("/api/v1/namespaces/trimtab/pods/https:old:9106/proxy/api/v1/freeze", status,
                     reason);
    api.Answer("/api/v1/namespaces/trimtab/pods/https:new:9106/proxy/api/v1/freeze", "{}");
    int looks = 0;
    const auto elect = [&] {
      if (++looks == 3) {
        api.Answer(kLease, R"({"spec":{"holderIdentity":"new_u"}})");
      }
    };
    ClusterScaler scaler(api.Asker(), "trimtab", "given", api.Waiting(elect));
    const auto answer = scaler.Ask("/api/v1/freeze", "POST", "{}");
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(looks, 3);
    EXPECT_THAT(api.Said(), testing::ElementsAre(HasSubstr("the leader old does not answer")));
    EXPECT_THAT(api.Last().target, HasSubstr("https:new:"));
  }
}

TEST(ClusterScaler, AsksAnyForWhatOnlyReadsWhereNobodyLeadsForLong) {
  Api api;
  api.Answer(kLease, R"({"spec":{"holderIdentity":"old_u"}})");
  const std::string pod = "/api/v1/namespaces/trimtab/pods/https:old:9106/proxy";
  api.RefuseItself(pod + "/api/v1/status", 404, "NotFound");
  api.RefuseItself(pod + "/api/v1/freeze", 404, "NotFound");
  const std::string service = "/api/v1/namespaces/trimtab/services/https:trimtab-scaler:9106/proxy";
  api.Answer(service + "/api/v1/status", "{}");
  const auto answer = ClusterScaler(api.Asker(), "trimtab", "given", api.Waiting())
                          .Ask("/api/v1/status", "GET", "");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(api.Waited(), std::chrono::seconds(10)) << "longer than an election takes";

  const auto wish = ClusterScaler(api.Asker(), "trimtab", "given", api.Waiting())
                        .Ask("/api/v1/freeze", "POST", "{}");
  ASSERT_FALSE(wish) << "a wish is the leader's";
  EXPECT_THAT(wish.error().what, HasSubstr("NotFound"));
}

TEST(ClusterScaler, WaitsForNobodyWhereTheScalerItselfRefuses) {
  Api api;
  api.Answer(kLease, R"({"spec":{"holderIdentity":"p_u"}})");
  api.Refuse("/api/v1/namespaces/trimtab/pods/https:p:9106/proxy/api/v1/capacity", 404, "no nodes");
  const auto answer = ClusterScaler(api.Asker(), "trimtab", "given", api.Waiting())
                          .Ask("/api/v1/capacity", "GET", "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(api.Waited(), std::chrono::milliseconds(0));
}

TEST(ClusterScaler, GivesUpWhereTheServerCannotBeReached) {
  Api api;
  api.Refuse(kLease, 0, "GET lease: connection refused");
  const auto answer =
      ClusterScaler(api.Asker(), "trimtab", "", api.Waiting()).Ask("/api/v1/status", "GET", "");
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

// The demo while its own parts are killed, stopped and away: what must hold then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "integration/demo/demo_process.h"

namespace demo {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Beside what the course itself does: at 10 s a shop leaks, at 18 s one crashes (no scaler runs
/// then), at 26 s one hangs, and bursts begin at 14 s and 31 s.
const std::vector<std::string> kArguments = {"--for",
                                             "69s",
                                             "--keep",
                                             "--fault",
                                             "3s:absent:prometheus",
                                             "--fault",
                                             "5s:absent:alertmanager",
                                             "--fault",
                                             "8s:pause:haproxy:2s",
                                             "--fault",
                                             "16s:kill:scaler:4s",
                                             "--fault",
                                             "23s:kill:agent:2s",
                                             "--fault",
                                             "29s:kill:prometheus:1s",
                                             "--fault",
                                             "33s:pause:alertmanager:3s",
                                             "--fault",
                                             "38s:kill:alertmanager:1s",
                                             "--fault",
                                             "38s:pause:prometheus:3s",
                                             "--fault",
                                             "41s:pause:log_writer:3s",
                                             "--fault",
                                             "46s:kill:haproxy:2s",
                                             "--fault",
                                             "47s:rotate:log_writer",
                                             "--fault",
                                             "52s:pause:agent:14s"};

/// How old the last word of an agent may be: guards.staleAfter of the demo's policy.
constexpr double kStaleAfterSeconds = 10;
/// A replica may take so long from the decision to its end: what drains, and its grace period.
constexpr double kLeavingSeconds = 10;

class DemoFaults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    DemoProcess run(kArguments);
    const auto ending = run.AwaitEnd(seconds(250));
    said_ = ReadAll(run.Log());
    EXPECT_EQ(ending, "exit code 0") << said_;
    TakeLifecycle(run);
    leftovers_ = run.Leftovers();
    const auto text = ReadAll(run.SummaryFile());
    boost::system::error_code error;
    summary_ = json::parse(text, error);
    ASSERT_FALSE(error) << "no summary: " << text << said_;
    std::cout << said_.substr(std::min(said_.rfind("Requests:"), said_.size()));
  }

  /// Reads the lifecycle file of the directory that was kept, and removes that.
  static void TakeLifecycle(const DemoProcess& run) {
    constexpr std::string_view kKept = "Kept: ";
    const auto at = said_.find(kKept);
    ASSERT_NE(at, std::string::npos) << said_;
    const auto begin = at + kKept.size();
    const fs::path directory = said_.substr(begin, said_.find('\n', begin) - begin);
    ASSERT_TRUE(directory.string().starts_with(run.Temporary().string()));
    std::istringstream lines(ReadAll(directory / "lifecycle.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      lifecycle_.push_back(json::parse(line).as_object());
    }
    fs::remove_all(directory);
  }

  static const json::value& At(std::string_view pointer) { return summary_.at_pointer(pointer); }
  static int NumberAt(std::string_view pointer) { return At(pointer).to_number<int>(); }

  static const json::object& Fault(std::string_view kind, std::string_view part) {
    for (const auto& fault : At("/faults").as_array()) {
      if (fault.at("kind").as_string() == kind && fault.at("part").as_string() == part) {
        return fault.as_object();
      }
    }
    ADD_FAILURE() << "there was no " << kind << " of " << part;
    static const json::object kNone;
    return kNone;
  }

  static double SecondsOf(const json::object& fault, std::string_view key) {
    return fault.at(key).to_number<double>();
  }

  /// The tenants that had a replica on a node which was taken without notice between these times.
  static std::set<std::string> OnNodesThatWereTaken(double from_seconds, double to_seconds) {
    std::set<std::string> tenants;
    for (const auto& reclaim : At("/capacity/reclaims").as_array()) {
      const auto at = reclaim.at("began_seconds").to_number<double>();
      if (at >= from_seconds && at <= to_seconds) {
        for (const auto& tenant : reclaim.at("tenants").as_array()) {
          tenants.emplace(tenant.as_string());
        }
      }
    }
    return tenants;
  }

  /// The tenants that were scaled down between these times.
  static std::set<std::string> ScaledDown(double from_seconds, double to_seconds) {
    std::set<std::string> tenants;
    for (const auto& scaling : At("/scalings").as_array()) {
      const auto at = scaling.at("at_seconds").to_number<double>();
      if (at >= from_seconds && at <= to_seconds &&
          scaling.at("to").as_int64() < scaling.at("from").as_int64()) {
        tenants.emplace(scaling.at("tenant").as_string());
      }
    }
    return tenants;
  }

  static std::vector<std::string> Complaints() {
    std::vector<std::string> complaints;
    for (const auto& complaint : At("/complaints").as_array()) {
      complaints.emplace_back(complaint.as_string());
    }
    return complaints;
  }

  // NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
  static inline json::value summary_;
  static inline std::vector<json::object> lifecycle_;
  static inline std::string said_;
  static inline std::vector<std::string> leftovers_;
  // NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
};

TEST_F(DemoFaults, EveryFailedRequestWasInjected) {
  EXPECT_GT(NumberAt("/requests/sent"), 2500);
  EXPECT_EQ(NumberAt("/requests/lost_to_scaling"), 0) << json::serialize(At("/losses"));
  EXPECT_EQ(NumberAt("/requests/failed_by_cause/other"), 0) << json::serialize(At("/losses"));
  EXPECT_EQ(NumberAt("/requests/failed"), NumberAt("/requests/failed_by_cause/injected"));
}

TEST_F(DemoFaults, EveryPartCameBack) {
  EXPECT_EQ(At("/faults").as_array().size(), 13U);
  for (const auto& fault : At("/faults").as_array()) {
    EXPECT_TRUE(fault.at("back_seconds").is_double()) << json::serialize(fault);
  }
}

TEST_F(DemoFaults, TheScalersEndTouchesNoReplica) {
  const auto& fault = Fault("kill", "scaler");
  const auto& replicas = fault.at("replicas").as_object();
  EXPECT_GE(replicas.at("before").as_int64(), 8);
  EXPECT_THAT(replicas.at("twice").as_array(), IsEmpty());
  // shop-07 crashed by itself.
  auto allowed = ScaledDown(SecondsOf(fault, "began_seconds") - kLeavingSeconds,
                            SecondsOf(fault, "back_seconds") + 1);
  allowed.insert("shop-07");
  const auto lost =
      OnNodesThatWereTaken(SecondsOf(fault, "began_seconds") - 1, SecondsOf(fault, "back_seconds"));
  allowed.insert(lost.begin(), lost.end());
  for (const auto& name : replicas.at("ended").as_array()) {
    const std::string replica(name.as_string());
    EXPECT_THAT(allowed, Contains(replica.substr(0, replica.rfind('-'))))
        << replica << " is another process, or gone";
  }
}

TEST_F(DemoFaults, ACrashWithoutAScalerIsCountedOnceAndNothingElseIs) {
  const auto& fault = Fault("kill", "scaler");
  EXPECT_LT(SecondsOf(fault, "began_seconds"), 18);
  EXPECT_GT(SecondsOf(fault, "back_seconds"), 18) << "there was a scaler when the shop crashed";
  std::map<std::string, int> ends;
  for (const auto& record : lifecycle_) {
    if (const auto* const reason = record.if_contains("reason")) {
      ++ends[std::string(reason->as_string())];
    }
  }
  for (const auto* const reason : {"app_error", "health_check", "oom_killed", "unknown"}) {
    EXPECT_EQ(NumberAt(std::string("/restarts/") + reason), ends[reason]) << reason;
  }
  EXPECT_EQ(ends["app_error"], 1);
  EXPECT_EQ(ends["unknown"], 0);
  // One each, unless the shop happened to be scaled down by just the replica that leaked or hung.
  EXPECT_LE(ends["health_check"], 1);
  EXPECT_LE(ends["oom_killed"], 1);
}

TEST_F(DemoFaults, EveryAttemptOfAReplicaBeginsOnceAndEndsOnce) {
  std::map<std::pair<std::string, std::string>, int> counts;
  for (const auto& record : lifecycle_) {
    const auto event = std::string(record.at("event").as_string());
    if (event != "declared") {
      ++counts[{event, std::string(record.at("replica").as_string()) + "." +
                           json::serialize(record.at("attempt"))}];
    }
  }
  ASSERT_FALSE(counts.empty());
  for (const auto& [key, count] : counts) {
    EXPECT_EQ(count, 1) << key.first << " of " << key.second;
    EXPECT_TRUE(counts.contains({"end", key.second})) << key.second << " has no end";
  }
}

TEST_F(DemoFaults, TheHistoryOfDecisionsGoesOn) {
  EXPECT_GT(NumberAt("/decisions/seen"), 100);
  EXPECT_EQ(NumberAt("/decisions/forgotten"), 0);
  EXPECT_EQ(NumberAt("/decisions/broken"), 0) << "a tenant's number began anew";
}

TEST_F(DemoFaults, PrometheusHasAsManyRequestsAsTheVisitors) {
  // Over the agent's end, HAProxy's end, a rotation in between, and a log writer that stood still.
  EXPECT_EQ(NumberAt("/requests_counted/in_prometheus"), NumberAt("/requests_counted/by_visitors"));
  EXPECT_EQ(NumberAt("/requests_counted/resets"), 0);
}

TEST_F(DemoFaults, TheGapOfHaproxyIsInjectedAndEndsWhenItsServersAreBack) {
  const auto& gap = Fault("kill", "haproxy");
  EXPECT_GT(gap.at("failed_by_cause").at("injected").as_int64(), 0);
  EXPECT_EQ(gap.at("failed_by_cause").at("lost_to_scaling").as_int64(), 0);
  EXPECT_EQ(gap.at("failed_by_cause").at("other").as_int64(), 0);
  EXPECT_TRUE(gap.at("failed_by_fate").as_object().contains("refused"));
}

TEST_F(DemoFaults, NothingIsScaledDownOnSilence) {
  const auto& silence = Fault("pause", "agent");
  const auto from = SecondsOf(silence, "began_seconds") + kStaleAfterSeconds + 1;
  ASSERT_LT(from, SecondsOf(silence, "back_seconds"));
  EXPECT_THAT(ScaledDown(from, SecondsOf(silence, "back_seconds")), IsEmpty());
  EXPECT_GT(NumberAt("/decisions/held"), 0);
}

TEST_F(DemoFaults, WhatDoesNotAnswerIsNamed) {
  const auto complaints = Complaints();
  EXPECT_THAT(complaints, Contains(HasSubstr("HAProxy does not answer")));
  EXPECT_THAT(complaints, Contains(AllOf(HasSubstr("agent"), HasSubstr("cannot be reached"))));
  EXPECT_THAT(complaints, Contains(AllOf(HasSubstr("agent"), HasSubstr("fallen silent"))));
  EXPECT_THAT(complaints, Contains(AllOf(HasSubstr("/api/v1/query"), HasSubstr("nobody listens"))));
  EXPECT_THAT(complaints, Contains(AllOf(HasSubstr("/api/v2/alerts"), HasSubstr("in time"))));
}

TEST_F(DemoFaults, NothingIsLeftBehind) {
  EXPECT_THAT(At("/left_behind").as_array(), IsEmpty());
  EXPECT_THAT(leftovers_, IsEmpty());
}

TEST(DemoFaultFlag, IsRefusedBeforeAnythingStarts) {
  DemoProcess run({"--fault", "12s:kill:sclaer"});

  EXPECT_EQ(run.AwaitEnd(seconds(30)), "exit code 2");
  EXPECT_THAT(ReadAll(run.Log()), HasSubstr("no part \"sclaer\""));
}

TEST(DemoFaultsInterrupted, AStopWhileTheScalerIsAwayLeavesNothing) {
  DemoProcess run({"--fault", "4s:kill:scaler:600s"});
  ASSERT_TRUE(run.AwaitWords("10 s: ", seconds(120))) << ReadAll(run.Log());

  run.Signal(SIGTERM);

  EXPECT_EQ(run.AwaitEnd(seconds(90)), "exit code 0") << ReadAll(run.Log());
  EXPECT_THAT(run.Leftovers(), IsEmpty());
}

}  // namespace
}  // namespace demo

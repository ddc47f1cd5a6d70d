// What the local platform decides without looking at the machine: why something ended, how long
// to wait, what a command says.

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <ostream>
#include <string>

#include "scaler/local/back_off.h"
#include "scaler/local/end_reason.h"
#include "scaler/local/expand.h"

namespace scaler::local {
namespace {

using common::lifecycle::EndReason;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ExitStatus Exited(int code) { return {.exit_code = code, .signal = std::nullopt}; }
ExitStatus Killed(int signal) { return {.exit_code = std::nullopt, .signal = signal}; }

struct EndCase {
  const char* name;
  Asked asked;
  ExitStatus status;
  bool oom_kills_rose;
  EndReason reason;

  friend void PrintTo(const EndCase& end, std::ostream* out) { *out << end.name; }
};

class WhyItEnded : public ::testing::TestWithParam<EndCase> {};

TEST_P(WhyItEnded, IsTold) {
  const auto& end = GetParam();
  EXPECT_EQ(Classify(end.asked, end.status, end.oom_kills_rose), end.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Ends, WhyItEnded,
    ::testing::Values(
        EndCase{"ByItself", Asked::kNothing, Exited(0), false, EndReason::kCompleted},
        EndCase{"WithAnError", Asked::kNothing, Exited(1), false, EndReason::kAppError},
        EndCase{"ByItsOwnFault", Asked::kNothing, Killed(SIGSEGV), false, EndReason::kAppError},
        EndCase{"ByAStrangersKill", Asked::kNothing, Killed(SIGKILL), false, EndReason::kAppError},
        EndCase{"ForMemory", Asked::kNothing, Killed(SIGKILL), true, EndReason::kOomKilled},
        EndCase{"AfterItsChildWasKilledForMemory", Asked::kNothing, Exited(137), true,
                EndReason::kAppError},
        EndCase{"WellAlthoughItsChildWasKilledForMemory", Asked::kNothing, Exited(0), true,
                EndReason::kCompleted},
        EndCase{"AsAsked", Asked::kScaleDown, Exited(0), false, EndReason::kScaledDown},
        EndCase{"AfterItsGracePeriod", Asked::kScaleDown, Killed(SIGKILL), false,
                EndReason::kScaledDown},
        EndCase{"Sick", Asked::kHealthCheck, Killed(SIGKILL), false, EndReason::kHealthCheck},
        EndCase{"SickAndOutOfMemory", Asked::kHealthCheck, Killed(SIGKILL), true,
                EndReason::kHealthCheck}),
    [](const auto& test) { return test.param.name; });

TEST(BackOffTest, DoublesUpToItsBound) {
  BackOff back_off({.initial_back_off = seconds(1), .max_back_off = seconds(5)}, seconds(0));

  EXPECT_EQ(back_off.Next(seconds(0)), seconds(1));
  EXPECT_EQ(back_off.Next(seconds(0)), seconds(2));
  EXPECT_EQ(back_off.Next(seconds(3)), seconds(4));
  EXPECT_EQ(back_off.Next(seconds(3)), seconds(5));
  EXPECT_EQ(back_off.Next(seconds(3)), seconds(5));
}

TEST(BackOffTest, BeginsAnewAfterAStableRun) {
  BackOff back_off({.initial_back_off = seconds(1), .max_back_off = minutes(5)}, seconds(8));

  EXPECT_EQ(back_off.Next(seconds(79)), seconds(16));
  EXPECT_EQ(back_off.Next(seconds(160)), seconds(1));
}

TEST(BackOffTest, GoesOnWhereAnEarlierPlatformWas) {
  BackOff back_off({.initial_back_off = seconds(1), .max_back_off = minutes(5)}, seconds(32));

  EXPECT_EQ(back_off.Next(milliseconds(5)), minutes(1) + seconds(4));
}

TEST(ExpandTest, ReplacesAsKubernetesDoes) {
  const std::map<std::string, std::string> variables = {{"PORT", "20001"}, {"EMPTY", ""}};

  EXPECT_EQ(Expand("127.0.0.1:$(PORT)", variables), "127.0.0.1:20001");
  EXPECT_EQ(Expand("$(PORT)$(PORT)", variables), "2000120001");
  EXPECT_EQ(Expand("<$(EMPTY)>", variables), "<>");
  EXPECT_EQ(Expand("$(UNKNOWN)", variables), "$(UNKNOWN)");
  EXPECT_EQ(Expand("$$(PORT)", variables), "$(PORT)");
  EXPECT_EQ(Expand("$PORT costs 5$", variables), "$PORT costs 5$");
  EXPECT_EQ(Expand("$(PORT", variables), "$(PORT");
  EXPECT_EQ(Expand("", variables), "");
}

}  // namespace
}  // namespace scaler::local

// The shipped programs while somebody sets the clock of the machine: libfaketime moves the wall
// clock under them, and the monotonic one goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "integration/scaler/faults/programs.h"
#include "support/sanitized.h"
#include "support/scratch_directory.h"

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using ::testing::IsSupersetOf;

constexpr auto kRequests = R"(trimtab_tenant_requests_total{tenant="shop"})";
constexpr int kLooks = 30;

/// Debian's library for programs with threads, wherever the architecture has it.
fs::path FindLibrary() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib", ignored)) {
    const auto library = entry.path() / "faketime" / "libfaketimeMT.so.1";
    if (fs::exists(library, ignored)) {
      return library;
    }
  }
  return {};
}

/// Seconds from our clock to that of "2024-01-31T12:34:56.789Z".
double SecondsAhead(const std::string& time) {
  std::tm parts{};
  std::istringstream text(time);
  text >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  EXPECT_FALSE(text.fail()) << time;
  return std::difftime(::timegm(&parts), std::time(nullptr));
}

class ClockJump : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto library = FindLibrary();
    if (library.empty()) {
      GTEST_SKIP() << "libfaketime is not installed";
    }
    if (std::getenv("LD_PRELOAD") != nullptr || tests::kSanitized) {
      GTEST_SKIP() << "libfaketime does not go with sanitizers";
    }
    SetClock("+0");
    programs_.emplace(scratch_.Path() / "state",
                      std::vector<std::string>{"LD_PRELOAD=" + library.string(),
                                               "FAKETIME_TIMESTAMP_FILE=" + File().string(),
                                               "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1"});
  }

  [[nodiscard]] fs::path File() const { return scratch_.Path() / "clock"; }

  /// By an offset such as "+3600" seconds. At once and whole, as a reader sees it.
  void SetClock(const std::string& offset) const {
    const auto aside = scratch_.Path() / "clock.new";
    std::ofstream(aside) << offset << "\n";
    fs::rename(aside, File());
  }

  /// What must hold whatever the clock says.
  void LookSane(double clock_ahead, double& requests) const {
    const auto status = programs_->Status();
    ASSERT_TRUE(status.is_object()) << programs_->Story();
    const auto shop = programs_->Shop();
    EXPECT_GE(shop.at("desired").as_int64(), 3) << json::serialize(shop);
    EXPECT_NEAR(SecondsAhead(std::string(status.at("time").as_string())), clock_ahead, 60);
    for (const auto& replica : shop.at("replicas").as_array()) {
      const auto age = replica.at("phase_seconds").to_number<double>();
      EXPECT_GE(age, 0);
      EXPECT_LT(age, 600) << "the test is not that old";
    }
    EXPECT_LT(shop.at("last_decision").at("age_seconds").to_number<double>(), 600);
    const auto& agent = status.at("agents").as_array().front();
    EXPECT_TRUE(agent.at("connected").as_bool()) << json::serialize(agent);
    EXPECT_LT(agent.at("age_seconds").to_number<double>(), 10);
    const auto now = programs_->AgentValue(kRequests);
    ASSERT_TRUE(now);
    EXPECT_GE(*now, requests) << "a counter went back";
    requests = *now;
  }

  tests::ScratchDirectory scratch_;
  std::optional<tests::Programs> programs_;
};

TEST_F(ClockJump, ChangesNoDecisionAndNoCounter) {
  auto& programs = *programs_;
  programs.Visit(25);
  programs.StartScaler();
  ASSERT_TRUE(programs.Eventually([&] {
    return programs.IsReady(3) && programs.Replicas().size() == 3;
  })) << programs.Story();
  const auto replicas = programs.Replicas();
  double requests = 0;

  // Names of a structured binding cannot be captured alike by all compilers.
  for (const auto& jump :
       {std::pair("+0", 0.0), {"+3600", 3600.0}, {"+0", 0.0}, {"-3600", -3600.0}, {"+0", 0.0}}) {
    const double ahead = jump.second;
    SCOPED_TRACE(jump.first);
    SetClock(jump.first);
    ASSERT_TRUE(programs.Eventually([&] {
      const auto status = programs.Status();
      return status.is_object() &&
             std::abs(SecondsAhead(std::string(status.at("time").as_string())) - ahead) < 60;
    })) << programs.Story();
    for (int look = 0; look < kLooks; ++look) {
      LookSane(ahead, requests);
      const auto seen = requests;
      ASSERT_TRUE(programs.Eventually([&] {
        return programs.AgentValue(kRequests).value_or(0) > seen;
      })) << "nothing is counted any more";
    }
  }
  EXPECT_THAT(programs.Replicas(), IsSupersetOf(replicas)) << "not the same processes";

  // Decisions go on after a jump, up and down, and the next scaler goes on from there.
  SetClock("+3600");
  programs.Visit(35);
  EXPECT_TRUE(programs.Eventually([&] { return programs.IsReady(4); })) << programs.Story();
  SetClock("+0");
  programs.KillScaler();
  programs.StartScaler();
  EXPECT_TRUE(programs.Eventually([&] { return programs.IsReady(4); })) << programs.Story();
  programs.Visit(5);
  EXPECT_TRUE(programs.Eventually([&] { return programs.IsReady(1); })) << programs.Story();
  EXPECT_EQ(programs.StopScaler(), 0) << programs.Story();
}

}  // namespace

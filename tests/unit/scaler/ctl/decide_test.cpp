#include "scaler/ctl/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace scaler::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kShop =
    R"({"policy":{"replicas":{"min":1,"max":9},"objective":{"overload":1},)"
    R"("signals":{"requests":{"per_replica_per_second":20}}},)"
    R"("observation":{"now_ms":1000,"desired_replicas":1,"ready_replicas":1,)"
    R"("demand":{"value":{"arrivals_per_second":90},"at_ms":1000}}})";

TEST(DecideLines, AnswersEachQuestionWithOneLine) {
  std::istringstream questions(std::string(kShop) + "\n\n" + kShop + "\n");
  std::ostringstream answers;
  EXPECT_EQ(DecideLines(questions, answers), 0U);
  std::istringstream lines(answers.str());
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    EXPECT_THAT(line, HasSubstr(R"("desired":5)"));
    ++count;
  }
  EXPECT_EQ(count, 2);
}

TEST(DecideLines, ABadLineStopsNothing) {
  std::istringstream questions("{]\n" + std::string(2U << 20U, 'x') + "\n" + kShop);
  std::ostringstream answers;
  EXPECT_EQ(DecideLines(questions, answers), 2U);
  EXPECT_THAT(answers.str(), StartsWith(R"({"error":"line 1: not JSON)"));
  EXPECT_THAT(answers.str(), HasSubstr("line 2: is longer than 1 MiB"));
  EXPECT_THAT(answers.str(), HasSubstr(R"("desired":5)"));
}

}  // namespace
}  // namespace scaler::ctl

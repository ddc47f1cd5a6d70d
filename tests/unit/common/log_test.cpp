#include "common/log.h"

#include <gtest/gtest.h>

namespace common::log {
namespace {

TEST(Log, TextQuotesWhatCouldForgeALine) {
  EXPECT_EQ(FormatLine(Format::kText, "T", Level::kWarning, "policy refused",
                       {{"file", "a.yaml"}, {"why", "x\ny"}}),
            "T warning policy refused file=a.yaml why=\"x\\ny\"");
}

TEST(Log, JsonHasEveryFieldAsAString) {
  EXPECT_EQ(FormatLine(Format::kJson, "T", Level::kInfo, "started", {{"port", "1"}}),
            R"({"time":"T","level":"info","message":"started","port":"1"})");
}

TEST(Log, LevelsAreReadByName) {
  EXPECT_EQ(ParseLevel("error").value(), Level::kError);
  EXPECT_FALSE(ParseLevel("loud"));
}

}  // namespace
}  // namespace common::log

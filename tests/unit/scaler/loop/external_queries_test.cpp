#include "scaler/loop/external_queries.h"

#include <gtest/gtest.h>

namespace scaler::loop {
namespace {

const platform::WorkloadId kShop{"local", "shop"};

TEST(ExpandQuery, PutsInWhatTheWorkloadIs) {
  EXPECT_EQ(ExpandQuery(R"(sum(mails{t="$tenant",ns="$namespace",w="$workload"}))", kShop, "acme"),
            R"(sum(mails{t="acme",ns="local",w="shop"}))");
}

TEST(ExpandQuery, LeavesWhatItDoesNotKnow) {
  for (const auto* query : {"up{a=~\"x$\"}", "$", "$$tenants", "$tenant_id", "$Tenant", ""}) {
    EXPECT_EQ(ExpandQuery(query, kShop, "acme"), query);
  }
}

TEST(ExpandQuery, AValueCannotEndItsString) {
  EXPECT_EQ(ExpandQuery(R"(m{t="$tenant"})", kShop, "a\"} or vector(9) #\\\n'$workload"),
            R"(m{t="a\"} or vector(9) #\\\n\'$workload"})");
}

}  // namespace
}  // namespace scaler::loop

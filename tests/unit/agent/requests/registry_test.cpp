#include "agent/requests/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agent::requests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::shared_ptr<const TenantRegistry> Good(std::vector<Tenant> tenants) {
  auto registry = TenantRegistry::Make(std::move(tenants));
  EXPECT_TRUE(registry) << registry.error().what;
  return registry.value();
}

std::string Problem(std::vector<Tenant> tenants) {
  const auto registry = TenantRegistry::Make(std::move(tenants));
  return registry ? "none" : registry.error().what;
}

std::string TenantOf(const TenantRegistry& registry, std::string_view host) {
  const auto index = registry.FindHost(host);
  return index ? registry.Tenants().at(*index).id : "none";
}

TEST(Registry, FindsATenantByAnyOfItsHosts) {
  const auto registry = Good({{"red", {"red.com", "www.red.com"}, ""}, {"blue", {"blue.com"}, ""}});

  EXPECT_EQ(TenantOf(*registry, "red.com"), "red");
  EXPECT_EQ(TenantOf(*registry, "www.red.com"), "red");
  EXPECT_EQ(TenantOf(*registry, "blue.com"), "blue");
  EXPECT_EQ(TenantOf(*registry, "www.blue.com"), "none");
  EXPECT_EQ(TenantOf(*registry, "com"), "none");
}

TEST(Registry, AWildcardTakesAllThatIsBelowButNotTheNameItself) {
  const auto registry = Good({{"red", {"*.red.com"}, ""}});

  EXPECT_EQ(TenantOf(*registry, "a.red.com"), "red");
  EXPECT_EQ(TenantOf(*registry, "a.b.red.com"), "red");
  EXPECT_EQ(TenantOf(*registry, "red.com"), "none");
  EXPECT_EQ(TenantOf(*registry, "bored.com"), "none");
}

TEST(Registry, TheNearestEntryWins) {
  const auto registry = Good(
      {{"platform", {"*.com"}, ""}, {"red", {"*.red.com"}, ""}, {"special", {"a.red.com"}, ""}});

  EXPECT_EQ(TenantOf(*registry, "a.red.com"), "special");
  EXPECT_EQ(TenantOf(*registry, "b.red.com"), "red");
  EXPECT_EQ(TenantOf(*registry, "red.com"), "platform");
}

TEST(Registry, HostsAreNormalisedAndBackendsFilledIn) {
  const auto registry = Good({{"red", {"WWW.Red.com.:80", "*.RED.com"}, ""}, {"blue", {}, "be1"}});

  EXPECT_THAT(registry->Tenants(),
              ::testing::ElementsAre(Tenant{"red", {"www.red.com", "*.red.com"}, "red"},
                                     Tenant{"blue", {}, "be1"}));
  EXPECT_EQ(registry->FindBackend("red"), 0U);
  EXPECT_EQ(registry->FindBackend("be1"), 1U);
  EXPECT_EQ(registry->FindBackend("blue"), std::nullopt);
}

TEST(Registry, AHostOfTwoTenantsIsRefusedWithBothNames) {
  EXPECT_THAT(Problem({{"red", {"a.com"}, ""}, {"blue", {"A.com"}, ""}}),
              AllOf(HasSubstr("a.com"), HasSubstr("\"red\""), HasSubstr("\"blue\"")));
  EXPECT_THAT(Problem({{"red", {"*.a.com"}, ""}, {"blue", {"*.a.com"}, ""}}),
              AllOf(HasSubstr("*.a.com"), HasSubstr("\"red\""), HasSubstr("\"blue\"")));
  EXPECT_THAT(Problem({{"red", {"a.com", "a.com"}, ""}}), HasSubstr("twice"));
}

TEST(Registry, ABackendOfTwoTenantsIsRefusedWithBothNames) {
  EXPECT_THAT(Problem({{"red", {}, "x"}, {"x", {}, ""}}),
              AllOf(HasSubstr("backend \"x\""), HasSubstr("\"red\"")));
}

TEST(Registry, IdsThatCouldBeMistakenAreRefused) {
  EXPECT_THAT(Problem({{"_other", {}, ""}}), HasSubstr("reserved"));
  EXPECT_THAT(Problem({{"", {}, ""}}), HasSubstr("an id is"));
  EXPECT_THAT(Problem({{"a b", {}, ""}}), HasSubstr("an id is"));
  EXPECT_THAT(Problem({{"red", {}, ""}, {"red", {}, ""}}), HasSubstr("twice"));
}

TEST(Registry, HostsThatAreNoneAreRefused) {
  EXPECT_THAT(Problem({{"red", {"a b"}, ""}}), AllOf(HasSubstr("\"red\""), HasSubstr("\"a b\"")));
  EXPECT_THAT(Problem({{"red", {"*"}, ""}}), HasSubstr("\"*\""));
  EXPECT_THAT(Problem({{"red", {"a.*.com"}, ""}}), HasSubstr("a.*.com"));
}

}  // namespace
}  // namespace agent::requests

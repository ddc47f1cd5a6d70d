#include "tests/demo/traffic/course.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace demo {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kSeed = 7;

std::vector<Arrival> ArrivalsUntil(ArrivalStream stream, Offset end) {
  std::vector<Arrival> arrivals;
  for (auto arrival = stream.Next(); arrival && arrival->at < end; arrival = stream.Next()) {
    arrivals.push_back(*arrival);
  }
  return arrivals;
}

std::ptrdiff_t CountBetween(const std::vector<Arrival>& arrivals, Offset begin, Offset end) {
  return std::count_if(arrivals.begin(), arrivals.end(), [&](const Arrival& arrival) {
    return arrival.at >= begin && arrival.at < end;
  });
}

TEST(Arrivals, NobodyComesToATenantWithoutPhasesAndVisits) {
  EXPECT_FALSE(ArrivalStream(Tenant{}, seconds(60), kSeed).Next());
}

TEST(Arrivals, VisitsRepeatInEveryCycle) {
  Tenant tenant;
  tenant.visits = {seconds(5), seconds(30)};

  const auto arrivals = ArrivalsUntil({tenant, seconds(60), kSeed}, seconds(120));

  ASSERT_EQ(arrivals.size(), 4U);
  EXPECT_EQ(arrivals[0].at, seconds(5));
  EXPECT_EQ(arrivals[1].at, seconds(30));
  EXPECT_EQ(arrivals[3].at, seconds(90));
}

TEST(Arrivals, ComeAtTheRateOfEachPhase) {
  Tenant tenant;
  tenant.phases = {{.begin = seconds(0), .rate = 4},
                   {.begin = seconds(200), .rate = 40, .is_step = true},
                   {.begin = seconds(400), .rate = 0}};

  const auto arrivals = ArrivalsUntil({tenant, seconds(600), kSeed}, seconds(1200));

  EXPECT_NEAR(static_cast<double>(CountBetween(arrivals, seconds(0), seconds(200))), 800, 120);
  EXPECT_NEAR(static_cast<double>(CountBetween(arrivals, seconds(200), seconds(400))), 8000, 400);
  EXPECT_EQ(CountBetween(arrivals, seconds(400), seconds(600)), 0);
  EXPECT_NEAR(static_cast<double>(CountBetween(arrivals, seconds(800), seconds(1000))), 8000, 400);
}

TEST(Arrivals, OnlyTheFirstOfAStepOpensIt) {
  Tenant tenant;
  tenant.phases = {{.begin = seconds(0), .rate = 4},
                   {.begin = seconds(20), .rate = 40, .is_step = true},
                   {.begin = seconds(40), .rate = 4}};

  const auto arrivals = ArrivalsUntil({tenant, seconds(60), kSeed}, seconds(120));

  std::vector<Offset> openings;
  for (const auto& arrival : arrivals) {
    if (arrival.opens_step) {
      openings.push_back(arrival.at);
    }
  }
  ASSERT_EQ(openings.size(), 2U);
  EXPECT_GE(openings[0], seconds(20));
  EXPECT_LT(openings[0], seconds(21));
  EXPECT_GE(openings[1], seconds(80));
}

TEST(Arrivals, AFaultComesAtItsTimeAmongThePages) {
  Tenant tenant;
  tenant.phases = {{.begin = seconds(0), .rate = 3}};
  tenant.injection = Injection{.at = seconds(10), .fault = Fault::kCrash};

  const auto arrivals = ArrivalsUntil({tenant, seconds(60), kSeed}, seconds(60));

  const auto fault = std::find_if(arrivals.begin(), arrivals.end(), [](const Arrival& arrival) {
    return arrival.kind == Arrival::Kind::kFault;
  });
  ASSERT_NE(fault, arrivals.end());
  EXPECT_EQ(fault->at, seconds(10));
  EXPECT_TRUE(std::is_sorted(arrivals.begin(), arrivals.end(),
                             [](const Arrival& a, const Arrival& b) { return a.at < b.at; }));
}

TEST(Arrivals, TheSameSeedGivesTheSameArrivals) {
  Tenant tenant;
  tenant.phases = {{.begin = seconds(0), .rate = 3}};

  const auto first = ArrivalStream(tenant, seconds(60), 1).Next();
  const auto same = ArrivalStream(tenant, seconds(60), 1).Next();
  const auto other = ArrivalStream(tenant, seconds(60), 2).Next();

  EXPECT_EQ(first->at, same->at);
  EXPECT_NE(first->at, other->at);
}

TEST(DemoCourse, HasFortyShopsMostOfWhichSleep) {
  const auto course = DemoCourse();

  EXPECT_EQ(course.tenants.size(), 40U);
  std::set<std::string> names;
  for (const auto& tenant : course.tenants) {
    names.insert(tenant.name);
  }
  EXPECT_EQ(names.size(), 40U);
  const auto sleeping = std::count_if(course.tenants.begin(), course.tenants.end(),
                                      [](const Tenant& tenant) { return tenant.phases.empty(); });
  EXPECT_EQ(sleeping, 32);
}

TEST(DemoCourse, HasTwoTenfoldStepsAndEveryFaultOnATenantOfItsOwn) {
  std::set<Fault> faults;
  int steps = 0;
  for (const auto& tenant : DemoCourse().tenants) {
    for (std::size_t index = 1; index < tenant.phases.size(); ++index) {
      if (tenant.phases[index].is_step) {
        ++steps;
        EXPECT_FALSE(tenant.injection);
        EXPECT_DOUBLE_EQ(tenant.phases[index].rate, tenant.phases[index - 1].rate * 10);
      }
    }
    if (tenant.injection) {
      faults.insert(tenant.injection->fault);
    }
  }
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(faults.size(), 3U);
}

}  // namespace
}  // namespace demo

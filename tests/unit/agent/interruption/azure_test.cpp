#include <gmock/gmock.h>

#include "agent/interruption/protocol.h"
#include "unit/agent/interruption/scripted_service.h"

namespace agent::interruption {
namespace {

using common::WallTime;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kName = "/metadata/instance/compute/name?api-version=2021-02-01&format=text";
constexpr const char* kEvents = "/metadata/scheduledevents?api-version=2020-07-01";
constexpr WallTime kTime = WallTime(seconds(1'474'309'787));

/// As the documentation has it, of a machine called vm-1.
std::string Event(const std::string& type, const std::string& resource,
                  const std::string& not_before = "Mon, 19 Sep 2016 18:29:47 GMT") {
  return R"({"DocumentIncarnation": 2, "Events": [{"EventId": "E1", "EventStatus": "Scheduled",
             "EventType": ")" +
         type + R"(", "ResourceType": "VirtualMachine", "Resources": [")" + resource +
         R"("], "NotBefore": ")" + not_before +
         R"(", "Description": "", "EventSource": "Platform", "DurationInSeconds": -1}]})";
}

TEST(Azure, APreemptionOfThisMachineIsANotice) {
  EXPECT_THAT(ParseAzureEvents(Event("Preempt", "vm-1"), "vm-1").value(),
              ElementsAre(Sighting{Kind::kSpot, kTime}));
  EXPECT_THAT(ParseAzureEvents(Event("Preempt", "vm-2"), "vm-1").value(), IsEmpty());
}

TEST(Azure, WhatEndsTheMachineIsMaintenanceAndAFreezeIsNot) {
  for (const auto* type : {"Reboot", "Redeploy", "Terminate"}) {
    EXPECT_THAT(ParseAzureEvents(Event(type, "vm-1"), "vm-1").value(),
                ElementsAre(Sighting{Kind::kMaintenance, kTime}));
  }
  EXPECT_THAT(ParseAzureEvents(Event("Freeze", "vm-1"), "vm-1").value(), IsEmpty());
}

TEST(Azure, WhatHasBegunHasNoTime) {
  EXPECT_THAT(ParseAzureEvents(Event("Preempt", "vm-1", ""), "vm-1").value(),
              ElementsAre(Sighting{Kind::kSpot, std::nullopt}));
}

TEST(Azure, RefusesWhatIsNotOfTheProtocol) {
  for (const auto* body : {"", "{", "null", "[]", "{}", R"({"Events": 3})", R"({"Events": [3]})",
                           R"({"Events": [{}]})"}) {
    EXPECT_FALSE(ParseAzureEvents(body, "vm-1")) << body;
  }
  EXPECT_FALSE(ParseAzureEvents(Event("Preempt", "vm-1", "soon"), "vm-1"));
}

TEST(Azure, LearnsTheNameOfItsMachineOnce) {
  ScriptedService service;
  const auto protocol = MakeProtocol(Provider::kAzure);
  const auto look = [&] { return protocol->Look(service.AskIt(), common::MonotonicTime{}); };
  EXPECT_THAT(look().error().what, HasSubstr("answers 404"));
  service.Say(kName, 200, "vm-1");
  service.Say(kEvents, 200, Event("Preempt", "vm-1"));
  EXPECT_THAT(look().value(), SizeIs(1));
  EXPECT_THAT(look().value(), SizeIs(1));
  EXPECT_EQ(service.Asked(kName), 2U);
  EXPECT_EQ(service.asked.back().headers.at("Metadata"), "true");
}

}  // namespace
}  // namespace agent::interruption

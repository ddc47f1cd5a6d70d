#include "common/kubernetes/known_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::kubernetes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Before = KnownObjects::Before;

ObjectView Object(const char* name_space, const char* name, const char* uid) {
  return {.name_space = name_space, .name = name, .uid = uid, .resource_version = {}, .json = {}};
}

TEST(KnownObjects, TellWhatWasThereUnderAName) {
  KnownObjects known;
  EXPECT_EQ(known.Put(Object("shops", "web", "1")), Before::kNothing);
  EXPECT_EQ(known.Put(Object("shops", "web", "1")), Before::kSame);
  EXPECT_EQ(known.Put(Object("shops", "web", "2")), Before::kAnother);
  EXPECT_EQ(known.Put(Object("shops", "web", "2")), Before::kSame);
  EXPECT_EQ(known.Size(), 1U);
}

TEST(KnownObjects, AreToldApartByNamespaceAndName) {
  KnownObjects known;
  EXPECT_EQ(known.Put(Object("a", "bc", "1")), Before::kNothing);
  EXPECT_EQ(known.Put(Object("ab", "c", "1")), Before::kNothing);
  EXPECT_EQ(known.Put(Object("", "abc", "1")), Before::kNothing);
  EXPECT_FALSE(known.Forget({"abc", ""}));
  EXPECT_TRUE(known.Forget({"ab", "c"}));
  EXPECT_FALSE(known.Forget({"ab", "c"}));
  EXPECT_EQ(known.Size(), 2U);
}

TEST(KnownObjects, OfANewListLackWhatIsGone) {
  KnownObjects known;
  for (const auto* const name : {"c", "b", "a"}) {
    known.Put(Object("shops", name, "1"));
  }
  EXPECT_THAT(known.Unlisted(), IsEmpty());
  known.BeginListing();
  known.Put(Object("shops", "b", "1"));
  EXPECT_THAT(known.Unlisted(), ElementsAre(ObjectKey{"shops", "a"}, ObjectKey{"shops", "c"}));
  known.Forget({"shops", "a"});
  known.Put(Object("shops", "c", "2"));
  EXPECT_THAT(known.Unlisted(), IsEmpty());
}

}  // namespace
}  // namespace common::kubernetes

#include "agent/requests/host.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace agent::requests {
namespace {

std::optional<std::string> Normalized(std::string_view host) {
  HostBuffer buffer;
  const auto name = NormalizeHost(host, buffer);
  return name ? std::optional<std::string>(*name) : std::nullopt;
}

struct HostCase {
  const char* name;
  std::string host;
  std::optional<std::string> normalized;

  friend void PrintTo(const HostCase& host_case, std::ostream* out) { *out << host_case.name; }
};

class Host : public ::testing::TestWithParam<HostCase> {};

TEST_P(Host, IsNormalized) { EXPECT_EQ(Normalized(GetParam().host), GetParam().normalized); }

const std::string kLongestLabel(63, 'a');
const std::string kLongestName =
    kLongestLabel + "." + kLongestLabel + "." + kLongestLabel + "." + std::string(61, 'a');

INSTANTIATE_TEST_SUITE_P(
    Good, Host,
    ::testing::Values(HostCase{"Plain", "shop.example.com", "shop.example.com"},
                      HostCase{"UpperCase", "Shop.EXAMPLE.com", "shop.example.com"},
                      HostCase{"Port", "shop.example.com:8443", "shop.example.com"},
                      HostCase{"EmptyPort", "shop.example.com:", "shop.example.com"},
                      HostCase{"TrailingDot", "shop.example.com.", "shop.example.com"},
                      HostCase{"TrailingDotAndPort", "shop.example.com.:80", "shop.example.com"},
                      HostCase{"OneLabel", "localhost", "localhost"},
                      HostCase{"Address", "127.0.0.1:80", "127.0.0.1"},
                      HostCase{"InnerHyphens", "a--b.xn--80ak6aa92e.com",
                               "a--b.xn--80ak6aa92e.com"},
                      HostCase{"Longest", kLongestName + ".:65535", kLongestName}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bad, Host,
    ::testing::Values(
        HostCase{"Empty", "", {}}, HostCase{"Absent", "-", {}}, HostCase{"OnlyDot", ".", {}},
        HostCase{"OnlyPort", ":80", {}}, HostCase{"TwoTrailingDots", "shop..", {}},
        HostCase{"EmptyLabel", "shop..com", {}}, HostCase{"LeadingDot", ".shop.com", {}},
        HostCase{"LeadingHyphen", "-shop.com", {}}, HostCase{"TrailingHyphen", "shop-.com", {}},
        HostCase{"Underscore", "_other", {}}, HostCase{"NotUtf8", "shop\xff.com", {}},
        HostCase{"Nul", std::string("shop\0.com", 9), {}}, HostCase{"Quote", "shop\".com", {}},
        HostCase{"Blank", "shop .com", {}}, HostCase{"LeadingBlank", " shop.com", {}},
        HostCase{"Escape", "shop%0a.com", {}}, HostCase{"Comma", "a.com,b.com", {}},
        HostCase{"PortWithLetters", "shop.com:80a", {}}, HostCase{"TwoPorts", "shop.com:80:80", {}},
        HostCase{"PortTooLong", "shop.com:123456", {}}, HostCase{"Brackets", "[::1]:80", {}},
        HostCase{"LabelTooLong", kLongestLabel + "a.com", {}},
        HostCase{"NameTooLong", kLongestName + "a", {}},
        HostCase{"Huge", std::string(25'000, 'a'), {}}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace agent::requests

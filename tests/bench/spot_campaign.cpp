#include "bench/spot_campaign.h"

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>

namespace bench {

std::map<std::string, Campaign> ReadCampaigns(const std::filesystem::path& file, int wanted) {
  std::map<std::string, Campaign> campaigns;
  const auto command = "zcat '" + file.string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             ::pclose);
  std::string text;
  std::array<char, 65536> buffer{};
  for (std::size_t got = 1; pipe && got > 0;) {
    got = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
    text.append(buffer.data(), got);
  }
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::map<std::string, int> most;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::array<std::string, 8> field;
    for (auto& each : field) {
      std::getline(fields, each, ',');
    }
    auto& campaign = campaigns[field[0]];
    campaign.name = field[0];
    campaign.gap_seconds = std::stoi(field[5]);
    campaign.names.push_back(field[3] + "/" + field[4]);
    std::istringstream values(field[7]);
    auto& zone = campaign.zones.emplace_back();
    for (int value = 0; values >> value;) {
      zone.push_back(value);
      most[campaign.name] = std::max(most[campaign.name], value);
    }
  }
  for (auto& [name, campaign] : campaigns) {
    std::size_t shortest = campaign.zones.front().size();
    for (const auto& zone : campaign.zones) {
      shortest = std::min(shortest, zone.size());
    }
    for (auto& zone : campaign.zones) {
      zone.resize(shortest);
      for (auto& value : zone) {
        value *= most[name] > 1 ? 1 : wanted;
      }
    }
  }
  return campaigns;
}

Score Oracle(const Campaign& campaign, int wanted) {
  double cost = 0;
  int steps = 0;
  int before = 0;
  for (int t = 0; t < campaign.Seconds(); t += kStep) {
    int usable = 0;
    for (std::size_t zone = 0; zone < campaign.zones.size() && t > kBoot; ++zone) {
      int least = campaign.At(zone, t);
      for (int ago = kStep; ago <= kBoot; ago += kStep) {
        least = std::min(least, campaign.At(zone, t - ago));
      }
      usable += least;
    }
    const int spot = std::min(wanted, usable);
    const int dedicated = wanted - spot;
    const double started = t > 0 ? std::max(0, dedicated - before) : 0;
    cost += spot * kSpotPrice + dedicated + started * kBoot / kStep;
    before = dedicated;
    ++steps;
  }
  return {cost / steps / wanted, 1.0};
}

}  // namespace bench

#include "scaler/backtest/spot/campaign_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "common/text.h"
#include "scaler/backtest/history/csv_file.h"

namespace scaler::backtest::spot {
namespace {

using common::Result;
using history::CsvFile;
using history::Field;

/// Where the columns are that we read.
struct Columns {
  std::size_t campaign = 0;
  std::size_t zone = 0;
  std::size_t instance = 0;
  std::size_t gap = 0;
  std::size_t values = 0;
};

Result<Columns> FindColumns(const CsvFile& file) {
  Columns columns;
  const std::array<std::pair<const char*, std::size_t*>, 5> wanted{{{"campaign", &columns.campaign},
                                                                    {"zone", &columns.zone},
                                                                    {"instance", &columns.instance},
                                                                    {"gap_seconds", &columns.gap},
                                                                    {"values", &columns.values}}};
  const auto& header = file.Header();
  for (const auto& [name, place] : wanted) {
    // Some say in the header what a value is: "values(nodes per tick)".
    const auto found = std::find_if(header.begin(), header.end(), [&](const std::string& column) {
      return column.substr(0, column.find('(')) == name;
    });
    if (found == header.end()) {
      return tl::make_unexpected(
          file.AtLine(1, 1,
                      "is no record of spot availability: there is no column " + std::string(name) +
                          " (it has campaign, zone, instance, gap_seconds and values)"));
    }
    *place = static_cast<std::size_t>(found - header.begin());
  }
  return columns;
}

Result<std::vector<int>> ReadNodes(const CsvFile& file, const Field& field) {
  std::vector<int> nodes;
  std::string_view rest = field.text;
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    if (!word.empty()) {
      const auto number = common::ParseUnsigned(word);
      if (!number || *number > 1'000'000) {
        const auto column = field.column + (field.text.size() - rest.size());
        return tl::make_unexpected(
            file.At(column, "'" + std::string(word.substr(0, 40)) + "' is no number of nodes"));
      }
      nodes.push_back(static_cast<int>(*number));
    }
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  if (nodes.empty()) {
    return tl::make_unexpected(file.At(field.column, "there are no values"));
  }
  return nodes;
}

Result<void> AddRow(const CsvFile& file, const Columns& columns, const std::vector<Field>& row,
                    std::map<std::string, Campaign>& campaigns) {
  const auto gap = common::ParseUnsigned(row[columns.gap].text);
  if (!gap || *gap == 0 || *gap > 86'400) {
    return tl::make_unexpected(
        file.At(row[columns.gap].column, "gap_seconds must be a whole number, 1 to 86400"));
  }
  auto nodes = ReadNodes(file, row[columns.values]);
  if (!nodes) {
    return tl::make_unexpected(std::move(nodes.error()));
  }
  const std::string name(row[columns.campaign].text);
  const auto tick = std::chrono::seconds(*gap);
  auto& campaign = campaigns.try_emplace(name, Campaign{name, tick, {}}).first->second;
  if (campaign.tick != tick) {
    return tl::make_unexpected(
        file.At(row[columns.gap].column, "another zone of " + name + " has another gap_seconds"));
  }
  campaign.zones.push_back(
      {std::string(row[columns.zone].text) + "/" + std::string(row[columns.instance].text),
       std::move(*nodes)});
  return {};
}

void CutToShortest(Campaign& campaign) {
  auto shortest = std::numeric_limits<std::size_t>::max();
  for (const auto& zone : campaign.zones) {
    shortest = std::min(shortest, zone.nodes.size());
  }
  for (auto& zone : campaign.zones) {
    zone.nodes.resize(shortest);
  }
}

}  // namespace

Result<std::vector<Campaign>> ReadCampaigns(const std::filesystem::path& path,
                                            const std::string& name) {
  auto file = CsvFile::Open(path);
  if (!file) {
    return tl::make_unexpected(std::move(file.error()));
  }
  const auto columns = FindColumns(*file);
  if (!columns) {
    return tl::make_unexpected(columns.error());
  }
  std::map<std::string, Campaign> campaigns;
  std::vector<Field> row;
  auto more = file->Next(row);
  for (; more && *more; more = file->Next(row)) {
    if (!name.empty() && row[columns->campaign].text != name) {
      continue;
    }
    if (auto added = AddRow(*file, *columns, row, campaigns); !added) {
      return tl::make_unexpected(std::move(added.error()));
    }
  }
  if (!more) {
    return tl::make_unexpected(std::move(more.error()));
  }
  if (campaigns.empty()) {
    return tl::make_unexpected(file->AtLine(
        1, 1, name.empty() ? "holds no campaign" : "holds no campaign called " + name));
  }
  std::vector<Campaign> all;
  for (auto& [key, campaign] : campaigns) {
    CutToShortest(campaign);
    all.push_back(std::move(campaign));
  }
  return all;
}

}  // namespace scaler::backtest::spot

#include "agent/cgroup/hierarchies.h"

#include <string>

#include "common/text.h"

namespace agent::cgroup {
namespace {

struct Mount {
  std::string_view type;
  std::string_view options;
  std::filesystem::path point;
};

/// The kernel writes blank, tab, line end and backslash of a path as three octal digits.
std::string UndoEscapes(std::string_view text) {
  const auto is_octal = [](char digit) { return digit >= '0' && digit <= '7'; };
  std::string path;
  while (!text.empty()) {
    if (text.size() >= 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
        is_octal(text[3])) {
      path += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      path += text.front();
      text.remove_prefix(1);
    }
  }
  return path;
}

/// The next line as a mount. Lines have six fields: device, point, type, options and two zeros.
Mount TakeMount(std::string_view& mounts) {
  auto line = common::TakeLine(mounts);
  common::TakeWord(line);
  const auto point = common::TakeWord(line);
  Mount mount;
  mount.type = common::TakeWord(line);
  mount.options = common::TakeWord(line);
  mount.point = UndoEscapes(point);
  return mount;
}

bool HasWord(std::string_view list, std::string_view word, char separator) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(std::string{separator, '\n'}), list.size());
    if (list.substr(0, end) == word) {
      return true;
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// The first mount wins: later ones of the same hierarchy show parts of it to containers.
void Take(std::optional<Controller>& into, const Mount& mount, std::string_view controller) {
  if (!into && HasWord(mount.options, controller, ',')) {
    into = Controller{.mount = mount.point, .unified = false};
  }
}

}  // namespace

std::optional<std::filesystem::path> FindUnifiedMount(std::string_view mounts) {
  while (!mounts.empty()) {
    const auto mount = TakeMount(mounts);
    if (mount.type == "cgroup2") {
      return mount.point;
    }
  }
  return std::nullopt;
}

Hierarchies ParseMounts(std::string_view mounts, std::string_view unified_controllers) {
  Hierarchies found;
  const auto unified_mount = FindUnifiedMount(mounts);
  while (!mounts.empty()) {
    const auto mount = TakeMount(mounts);
    if (mount.type == "cgroup") {
      Take(found.memory, mount, "memory");
      Take(found.cpu_usage, mount, "cpuacct");
      Take(found.cpu_quota, mount, "cpu");
    }
  }
  if (!unified_mount) {
    return found;
  }
  const Controller unified{.mount = *unified_mount, .unified = true};
  if (!found.memory && HasWord(unified_controllers, "memory", ' ')) {
    found.memory = unified;
  }
  if (!found.cpu_quota && HasWord(unified_controllers, "cpu", ' ')) {
    found.cpu_quota = unified;
  }
  if (!found.cpu_usage) {
    found.cpu_usage = unified;  // v2 counts CPU time without any controller.
  }
  return found;
}

common::Result<Hierarchies> FindHierarchies(const common::FileSystem& fs) {
  const auto mounts = fs.Read("/proc/mounts");
  if (!mounts) {
    return tl::make_unexpected(mounts.error());
  }
  const auto unified = FindUnifiedMount(*mounts);
  if (!unified) {
    return ParseMounts(*mounts, {});
  }
  const auto controllers = fs.Read(*unified / "cgroup.controllers");
  return ParseMounts(*mounts, controllers ? std::string_view(*controllers) : std::string_view{});
}

}  // namespace agent::cgroup

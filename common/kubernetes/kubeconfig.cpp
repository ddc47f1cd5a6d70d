#include "common/kubernetes/kubeconfig.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "common/kubernetes/base64.h"
#include "common/yaml/parse.h"

namespace common::kubernetes {
namespace {

namespace fs = std::filesystem;
using yaml::Map;
using yaml::Value;

struct ClusterEntry {
  std::string server;
  tls::ClientFiles tls;
  std::vector<std::shared_ptr<InlineFile>> inline_files;
};

struct UserEntry {
  std::string certificate;
  std::string key;
  std::string token;
  std::string token_file;
  std::optional<ExecPlugin> exec;
  std::vector<std::shared_ptr<InlineFile>> inline_files;
};

struct ContextEntry {
  std::string cluster;
  std::string user;
  std::string name_space;
};

struct Merged {
  std::string current;
  std::map<std::string, ClusterEntry> clusters;
  std::map<std::string, UserEntry> users;
  std::map<std::string, ContextEntry> contexts;
};

class FileReader {
 public:
  FileReader(const fs::path& path, Merged& merged) : path_(path), merged_(merged) {}

  void Read(const Value& document) {
    auto top = document.AsMap();
    if (!top) {
      return;
    }
    const auto current = top->Optional("current-context");
    if (merged_.current.empty() && !current.ScalarText().empty()) {
      merged_.current = current.ScalarText();
    }
    ReadNamed(*top, "clusters", "cluster", merged_.clusters,
              [this](Map& map) { return ReadCluster(map); });
    ReadNamed(*top, "users", "user", merged_.users, [this](Map& map) { return ReadUser(map); });
    ReadNamed(*top, "contexts", "context", merged_.contexts, [](Map& map) {
      return ContextEntry{map.Required("cluster").String().value_or(""),
                          map.Required("user").String().value_or(""),
                          map.Optional("namespace").ScalarText()};
    });
  }

 private:
  template <typename T, typename Reader>
  void ReadNamed(Map& top, const char* list, const char* what, std::map<std::string, T>& into,
                 Reader reader) {
    const auto entries = top.Optional(list);
    if (entries.Kind() == yaml::Node::Kind::kNothing) {
      return;  // kubectl writes "users: null" where there are none.
    }
    for (const auto& entry : entries.List()) {
      auto pair = entry.AsMap();
      if (!pair) {
        continue;
      }
      const auto name = pair->Required("name").String();
      auto map = pair->Required(what).AsMap();
      if (name && map) {
        into.emplace(*name, reader(*map));
      }
    }
  }

  [[nodiscard]] std::string Absolute(const Value& value) const {
    const auto text = value.ScalarText();
    return text.empty() ? text : (path_.parent_path() / text).lexically_normal().string();
  }

  /// The file that `name` gives, or the one made of `name`-data, which counts first.
  std::string FileOf(Map& map, const std::string& name,
                     std::vector<std::shared_ptr<InlineFile>>& keep) {
    const auto file = map.Optional(name);
    const auto data = map.Optional(name + "-data");
    if (data.ScalarText().empty()) {
      return Absolute(file);
    }
    const auto bytes = DecodeBase64(data.ScalarText());
    if (!bytes) {
      data.Problem("is not base64");
      return {};
    }
    auto made = InlineFile::Make(*bytes);
    if (!made) {
      data.Problem(made.error().what);
      return {};
    }
    keep.push_back(*made);
    return (*made)->Path();
  }

  ClusterEntry ReadCluster(Map& map) {
    ClusterEntry cluster;
    cluster.server = map.Required("server").String().value_or("");
    cluster.tls.ca = FileOf(map, "certificate-authority", cluster.inline_files);
    cluster.tls.server_name = map.Optional("tls-server-name").ScalarText();
    cluster.tls.insecure = map.Optional("insecure-skip-tls-verify").Bool().value_or(false);
    Refuse(map, "proxy-url", "proxies are not supported");
    return cluster;
  }

  UserEntry ReadUser(Map& map) {
    UserEntry user;
    user.certificate = FileOf(map, "client-certificate", user.inline_files);
    user.key = FileOf(map, "client-key", user.inline_files);
    user.token = map.Optional("token").ScalarText();
    user.token_file = Absolute(map.Optional("tokenFile"));
    Refuse(map, "auth-provider",
           "was removed from Kubernetes; use the plugin of your cloud (exec)");
    Refuse(map, "username", "basic authentication was removed from Kubernetes; use a token");
    Refuse(map, "as", "impersonation is not supported; give the account a context of its own");
    if (const auto exec = map.Optional("exec"); exec.Kind() == yaml::Node::Kind::kMap) {
      user.exec = ReadExec(*exec.AsMap());
    }
    return user;
  }

  [[nodiscard]] ExecPlugin ReadExec(Map map) const {
    ExecPlugin plugin;
    constexpr std::string_view kV1 = "client.authentication.k8s.io/v1";
    constexpr std::string_view kV1Beta1 = "client.authentication.k8s.io/v1beta1";
    const auto version = map.Required("apiVersion");
    plugin.api_version = version.ScalarText();
    if (plugin.api_version != kV1 && plugin.api_version != kV1Beta1) {
      version.Problem(fmt::format("is neither {} nor {}", kV1, kV1Beta1));
    }
    plugin.command = map.Required("command").String().value_or("");
    if (plugin.command.find('/') != std::string::npos) {
      plugin.command = (path_.parent_path() / plugin.command).lexically_normal().string();
    }
    if (const auto arguments = map.Optional("args"); arguments.Kind() == yaml::Node::Kind::kList) {
      plugin.arguments = arguments.Strings();
    }
    if (const auto env = map.Optional("env"); env.Kind() == yaml::Node::Kind::kList) {
      for (const auto& item : env.List()) {
        if (auto pair = item.AsMap()) {
          plugin.env.emplace(pair->Required("name").String().value_or(""),
                             pair->Required("value").ScalarText());
        }
      }
    }
    plugin.install_hint = map.Optional("installHint").ScalarText();
    const auto mode = map.Optional("interactiveMode");
    if (mode.ScalarText() == "Always") {
      mode.Problem("nobody is there to answer it; use a plugin that can do without");
    }
    return plugin;
  }

  /// Of what cannot be done, silence would be a wrong answer.
  static void Refuse(Map& map, const char* key, const char* why) {
    if (const auto value = map.Optional(key);
        value.Kind() != yaml::Node::Kind::kNothing && value.ScalarText() != "") {
      value.Problem(why);
    } else if (value.Kind() == yaml::Node::Kind::kMap) {
      value.Problem(why);
    }
  }

  fs::path path_;
  Merged& merged_;
};

Result<void> ReadOne(const fs::path& path, Merged& merged) {
  yaml::Problems problems(path.string());
  for (const auto& document : yaml::ParseFile(path, problems)) {
    FileReader(path, merged).Read(document);
  }
  if (!problems.Empty()) {
    auto error = problems.AsError();
    error.code = std::make_error_code(std::errc::invalid_argument);
    return tl::make_unexpected(std::move(error));
  }
  return {};
}

template <typename T>
std::string NamesOf(const std::map<std::string, T>& entries) {
  std::string names;
  for (const auto& [name, entry] : entries) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "none" : names;
}

tl::unexpected<Error> Missing(const std::string& source, const std::string& what,
                              const std::string& name, const std::string& there) {
  return Fail(std::errc::invalid_argument,
              fmt::format("{}: there is no {} '{}'; there are: {}", source, what, name, there));
}

/// "https://host:6443/prefix" in its parts.
Result<void> SetServer(const std::string& url, Access& access) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) {
    return Fail(std::errc::invalid_argument,
                access.source + ": server '" + url + "' does not begin with https://");
  }
  const auto slash = url.find('/', scheme + 3);
  access.path_prefix = slash == std::string::npos ? "" : url.substr(slash);
  while (access.path_prefix.ends_with('/')) {
    access.path_prefix.pop_back();
  }
  return http::ParseAddress(url.substr(0, slash))
      .map([&](const http::Address& address) { access.server = address; })
      .map_error([&](Error error) {
        error.what = access.source + ": server: " + error.what;
        return error;
      });
}

Result<Access> Assemble(Merged& merged, const std::string& wanted, const std::string& source) {
  const auto& name = wanted.empty() ? merged.current : wanted;
  if (name.empty()) {
    return Fail(std::errc::invalid_argument,
                source + ": no context is current; choose one of: " + NamesOf(merged.contexts));
  }
  const auto context = merged.contexts.find(name);
  if (context == merged.contexts.end()) {
    return Missing(source, "context", name, NamesOf(merged.contexts));
  }
  const auto cluster = merged.clusters.find(context->second.cluster);
  if (cluster == merged.clusters.end()) {
    return Missing(source, "cluster", context->second.cluster, NamesOf(merged.clusters));
  }
  const auto user = merged.users.find(context->second.user);
  if (user == merged.users.end()) {
    return Missing(source, "user", context->second.user, NamesOf(merged.users));
  }
  Access access;
  access.source = fmt::format("context {} of {}", name, source);
  access.tls = cluster->second.tls;
  access.tls.certificate = user->second.certificate;
  access.tls.key = user->second.key;
  // As kubectl does it, what is there in full goes before what must be fetched.
  access.token = user->second.token;
  if (access.token.empty()) {
    access.token_file = user->second.token_file;
    if (access.token_file.empty() && user->second.exec) {
      access.exec = std::make_unique<ExecPlugin>(*user->second.exec);
    }
  }
  access.inline_files = cluster->second.inline_files;
  access.inline_files.insert(access.inline_files.end(), user->second.inline_files.begin(),
                             user->second.inline_files.end());
  if (!context->second.name_space.empty()) {
    access.name_space = context->second.name_space;
  }
  if (auto set = SetServer(cluster->second.server, access); !set) {
    return tl::make_unexpected(set.error());
  }
  return access;
}

}  // namespace

std::vector<fs::path> KubeconfigFiles(std::string_view kubeconfig, std::string_view home) {
  std::vector<fs::path> files;
  while (!kubeconfig.empty()) {
    const auto colon = kubeconfig.find(':');
    if (const auto file = kubeconfig.substr(0, colon); !file.empty()) {
      files.emplace_back(file);
    }
    kubeconfig = colon == std::string_view::npos ? "" : kubeconfig.substr(colon + 1);
  }
  if (files.empty() && !home.empty()) {
    files.push_back(fs::path(home) / ".kube" / "config");
  }
  return files;
}

Result<Access> ReadKubeconfig(const std::vector<fs::path>& files, const std::string& context) {
  Merged merged;
  std::string source;
  bool any = false;
  for (const auto& file : files) {
    source += (source.empty() ? "" : ", ") + file.string();
    std::error_code error;
    if (!fs::exists(file, error)) {
      continue;
    }
    any = true;
    if (auto read = ReadOne(fs::absolute(file), merged); !read) {
      return tl::make_unexpected(read.error());
    }
  }
  if (!any) {
    return Fail(std::errc::no_such_file_or_directory,
                source.empty() ? "no kubeconfig: neither KUBECONFIG nor HOME is set"
                               : "no kubeconfig: there is no " + source);
  }
  return Assemble(merged, context, source);
}

}  // namespace common::kubernetes
